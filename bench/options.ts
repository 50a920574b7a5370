/** Numbers that a benchmark may be given as `--name N`; every one has a default. */
export type Numbers = Readonly<Record<string, number>>;

export type Reading =
  | { readonly kind: 'ok'; readonly numbers: Numbers; readonly json: boolean }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

export function readNumbers(words: readonly string[], defaults: Numbers): Reading {
  const numbers: Record<string, number> = { ...defaults };
  const faults: string[] = [];
  let json = false;
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const name = word.replace(/^--/, '');
    if (word === '--json') json = true;
    else if (!word.startsWith('--') || defaults[name] === undefined) {
      const known = ['--json', ...Object.keys(defaults).map((key) => `--${key} N`)].join(', ');
      faults.push(`${word} means nothing here. This benchmark takes ${known}.`);
    } else {
      const text = queue.shift() ?? '';
      if (/^[1-9]\d{0,6}$/.test(text)) numbers[name] = Number(text);
      else faults.push(`${word} needs a whole number, 1 or more.`);
    }
  }
  return faults.length === 0 ? { kind: 'ok', numbers, json } : { kind: 'faults', faults };
}
