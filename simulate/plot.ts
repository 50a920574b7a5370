import type { Item, PolicyName } from './policies.ts';

/** Colours that people with colour-blindness tell apart (Okabe and Ito, 2008), and dashes for print. */
const strokes: Readonly<Record<PolicyName, { readonly colour: string; readonly dash: string }>> = {
  fifo: { colour: '#999999', dash: '2 4' },
  'round-robin': { colour: '#e69f00', dash: '6 3' },
  'service-flag': { colour: '#cc79a7', dash: '8 3 2 3' },
  firstlight: { colour: '#0072b2', dash: '' },
  oracle: { colour: '#009e73', dash: '1 3' },
};

const width = 760;
const height = 440;
const left = 64;
const right = 150;
const top = 40;
const bottom = 56;

/** Hours on the horizontal axis, each twice to four times the one before. */
const ticks = [0.25, 1, 4, 24, 72, 168, 720, 2160] as const;

/** Share of urgent reports looked at, over hours since they were filed on a logarithmic axis, as a drawing. */
export function plotOf(plays: ReadonlyMap<PolicyName, readonly Item[]>, title: string): string {
  const x = (hours: number): number => {
    const [first, last] = [ticks[0], ticks.at(-1) ?? 1];
    const at = Math.log(Math.max(hours, first) / first) / Math.log(last / first);
    return left + Math.min(at, 1) * (width - left - right);
  };
  const y = (share: number): number => top + (1 - share) * (height - top - bottom);
  const curves = [...plays].map(([name, items]) => curveOf(name, items, x, y));
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<path d="M${left} ${y(share)}H${width - right}" class="grid"/><text x="${left - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
  );
  const hours = ticks.map(
    (tick) =>
      `<path d="M${x(tick)} ${top}V${height - bottom}" class="grid"/><text x="${x(tick)}" y="${height - bottom + 18}" text-anchor="middle">${hoursText(tick)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>
svg { background: #fff; font: 12px system-ui, sans-serif; fill: #222 }
.grid { stroke: #ddd; fill: none } .curve { fill: none; stroke-width: 2.5 } .title { font-weight: 600; font-size: 14px }
@media (prefers-color-scheme: dark) { svg { background: #16181d; fill: #e8e8ea } .grid { stroke: #3a3d44 } }
</style>
<text x="${left}" y="22" class="title">${escaped(title)}</text>
${[...grid, ...hours, ...curves].join('\n')}
<text x="${(left + width - right) / 2}" y="${height - 12}" text-anchor="middle">since the report was filed</text>
</svg>
`;
}

function curveOf(
  name: PolicyName,
  items: readonly Item[],
  x: (hours: number) => number,
  y: (share: number) => number,
): string {
  const urgent = items.filter((item) => item.isUrgent);
  const waits = urgent
    .flatMap((item) => (item.seenAt === undefined ? [] : [(item.seenAt - item.at) / 60]))
    .sort((a, b) => a - b);
  const steps = 200;
  const points = Array.from({ length: steps + 1 }, (_, step) => {
    const hours = ticks[0] * ((ticks.at(-1) ?? 1) / ticks[0]) ** (step / steps);
    return { hours, share: countUpTo(waits, hours) / Math.max(urgent.length, 1) };
  });
  const path = points.map(({ hours, share }) => `${x(hours).toFixed(1)} ${y(share).toFixed(1)}`).join('L');
  const { colour, dash } = strokes[name];
  const end = y(points.at(-1)?.share ?? 0) + 4 + labelShift[name];
  return `<path d="M${path}" class="curve" stroke="${colour}" stroke-dasharray="${dash}"/><text x="${width - right + 8}" y="${end.toFixed(1)}" style="fill:${colour}">${name}</text>`;
}

/** Keeps the names of curves that end together apart. */
const labelShift: Readonly<Record<PolicyName, number>> = {
  fifo: 14,
  'round-robin': 0,
  'service-flag': -14,
  firstlight: 14,
  oracle: -4,
};

function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function hoursText(hours: number): string {
  if (hours < 1) return `${hours * 60} min`;
  return hours < 48 ? `${hours} h` : `${hours / 24} d`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
