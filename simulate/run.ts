import { writeFile } from 'node:fs/promises';
import { arrivalsOf, capacityOf } from './arrivals.ts';
import { type Measured, mean, measure } from './measure.ts';
import { helpText, type Load, type Options, readOptions } from './options.ts';
import { type Plan, planStaff } from './plan.ts';
import { play } from './play.ts';
import { plotOf } from './plot.ts';
import { type Item, type PolicyName, policyNames } from './policies.ts';

const reading = readOptions(process.argv.slice(2));
if (reading.kind === 'help') process.stdout.write(helpText());
else if (reading.kind === 'faults') {
  process.stderr.write(`${reading.faults.join('\n')}\n`);
  process.exitCode = 2;
} else if (reading.options.withinMinutes > 0) answerPlan(reading.options);
else await playAll(reading.options);

async function playAll(options: Options): Promise<void> {
  const { load } = options;
  const measured = new Map<PolicyName, Measured[]>(policyNames.map((name) => [name, []]));
  const firstPlays = new Map<PolicyName, readonly Item[]>();
  for (let index = 0; index < options.seeds; index += 1) {
    const seeded = { ...load, seed: load.seed + index };
    const arrivals = arrivalsOf(seeded);
    for (const name of policyNames) {
      const items = play(name, seeded, arrivals);
      measured.get(name)?.push(measure(seeded, items));
      if (index === 0) firstPlays.set(name, items);
      if (process.stderr.isTTY) process.stderr.write(`\rseed ${seeded.seed}: ${name}            `);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const policies = Object.fromEntries([...measured].map(([name, all]) => [name, mean(all)]));
  if (options.plot !== undefined) {
    await writeFile(options.plot, plotOf(firstPlays, `Urgent reports looked at: ${describe(load)}`));
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ load, seeds: options.seeds, policies })}\n`);
    return;
  }
  process.stdout.write(`${tableOf(options, policies)}\n`);
  if (options.plot !== undefined) process.stdout.write(`\nThe curves are in ${options.plot}.\n`);
}

function describe(load: Load): string {
  const perDay = Math.round(capacityOf(load) * load.load);
  return `${perDay} reports a day, ${load.officers} officers for ${Math.round(capacityOf(load))}, ${load.days} days`;
}

function tableOf(options: Options, policies: Readonly<Record<string, Measured>>): string {
  const head = [
    'order',
    'urgent within 24 h',
    'urgent ever',
    'median',
    '99th',
    'others: median',
    '99th',
    'oldest unseen',
  ];
  const rows = Object.entries(policies).map(([name, one]) => [
    name,
    percent(one.urgentSeenIn24h),
    percent(one.urgentSeen),
    hours(one.urgentP50Hours),
    hours(one.urgentP99Hours),
    hours(one.othersP50Hours),
    hours(one.othersP99Hours),
    `${one.oldestUnseenDays.toFixed(1)} d`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const { load } = options;
  return [
    `${describe(load)}.`,
    `${percent(load.urgent)} truly urgent; the score has an AUC of ${load.auc}; ${percent(load.reserve)} of looks for those who waited longest; ${seedsText(options)}.`,
    '',
    line(head),
    ...rows.map(line),
    ...floorText(load),
  ].join('\n');
}

/** Under overload somebody is never seen; the chief owns that number. */
function floorText(load: Load): string[] {
  const unseen = 1 - 1 / load.load;
  if (unseen <= 0) return [];
  return [
    '',
    `At this load ${percent(unseen)} of reports cannot be looked at by anybody, whatever the order: officers would be needed for all.`,
  ];
}

function seedsText({ load, seeds }: Options): string {
  return seeds === 1 ? `seed ${load.seed}` : `mean of seeds ${load.seed} to ${load.seed + seeds - 1}`;
}

function answerPlan(options: Options): void {
  const { load, perDay, withinMinutes, share } = options;
  const plan: Plan | undefined = planStaff(load, { perDay, withinMinutes, share });
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ perDay, withinMinutes, share, plan: plan ?? null })}\n`);
    if (plan === undefined) process.exitCode = 1;
    return;
  }
  if (plan === undefined) {
    process.stdout.write(
      `No number of officers does: the score (AUC ${load.auc}) or the share (${percent(share)}) would have to change.\n`,
    );
    process.exitCode = 1;
    return;
  }
  process.stdout.write(
    `${plan.officers} officers look at ${percent(plan.share)} of urgent reports within ${withinMinutes} minutes, at ${perDay} reports a day ` +
      `(${plan.load.toFixed(2)} times what they can look at), ${load.minutes} minutes a look, an AUC of ${load.auc}.\n`,
  );
}

function percent(value: number): string {
  return `${(value * 100).toFixed(value > 0 && value < 0.01 ? 2 : 1)} %`;
}

function hours(value: number): string {
  return value < 48 ? `${value.toFixed(1)} h` : `${(value / 24).toFixed(1)} d`;
}
