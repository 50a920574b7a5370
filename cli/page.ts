import { styleText } from 'node:util';
import { cutText, plainText, textColumns } from './plain-text.ts';

/** One column of a table. `isFlexible` ones give way when the line is too long for the terminal. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (item: T) => string | number | undefined;
  readonly isNumber?: boolean;
  readonly isFlexible?: boolean;
}

export interface PageStyle {
  readonly columns: number | undefined;
  readonly isColourful: boolean;
  readonly timeZone: string | undefined;
}

/** Least width that a flexible column is squeezed to before the line is left to wrap. */
const leastFlexible = 8;

/** Collects what a person is shown. Every value passes through `plainText` here, so no command can forget it. */
export class Page {
  readonly #style: PageStyle;
  readonly #lines: string[] = [];
  readonly #times: Intl.DateTimeFormat;

  constructor(style: PageStyle) {
    this.#style = style;
    this.#times = new Intl.DateTimeFormat('sv-SE', {
      dateStyle: 'short',
      timeStyle: 'short',
      ...(style.timeZone === undefined ? {} : { timeZone: style.timeZone }),
    });
  }

  /** One line, cut nowhere. */
  line(text = ''): void {
    this.#lines.push(plainText(text));
  }

  heading(text: string): void {
    if (this.#lines.length > 0) this.#lines.push('');
    this.#lines.push(this.#bold(plainText(text)));
  }

  /** Labels and values under each other; values that are absent leave no line. */
  facts(facts: readonly (readonly [label: string, value: string | number | undefined])[]): void {
    const present = facts.filter(([, value]) => value !== undefined && value !== '');
    const width = Math.max(0, ...present.map(([label]) => textColumns(label)));
    for (const [label, value] of present) {
      this.#lines.push(`${this.#faint(padEnd(label, width))}  ${plainText(String(value))}`);
    }
  }

  /** A table with aligned columns, or `empty` as a sentence where there is nothing. */
  table<T>(columns: readonly Column<T>[], items: readonly T[], empty: string): void {
    if (items.length === 0) {
      this.line(empty);
      return;
    }
    const cells = items.map((item) => columns.map((column) => plainText(String(column.cell(item) ?? ''))));
    const widths = this.#widths(columns, cells);
    const row = (texts: readonly string[]) =>
      texts
        .map((text, at) => {
          const width = widths[at] ?? 0;
          const cut = cutText(text, width);
          return columns[at]?.isNumber === true ? padStart(cut, width) : padEnd(cut, width);
        })
        .join('  ')
        .trimEnd();
    this.#lines.push(this.#bold(row(columns.map((column) => column.title))));
    for (const texts of cells) this.#lines.push(row(texts));
  }

  /** A moment in the reader's own zone, to the minute; nothing for nothing. */
  time(iso: string | undefined): string | undefined {
    if (iso === undefined) return undefined;
    const at = new Date(iso);
    return Number.isNaN(at.getTime()) ? iso : this.#times.format(at);
  }

  /** A size as people say it, in powers of 1,000. */
  size(sizeBytes: number): string {
    const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
    let value = sizeBytes;
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit += 1;
    }
    return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? 'B'}`;
  }

  text(): string {
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
  }

  /** Flexible columns share what the fixed ones leave, the widest giving way first. */
  #widths<T>(columns: readonly Column<T>[], cells: readonly (readonly string[])[]): number[] {
    const widths = columns.map((column, at) =>
      Math.max(textColumns(column.title), ...cells.map((texts) => textColumns(texts[at] ?? ''))),
    );
    const most = this.#style.columns;
    if (most === undefined) return widths;
    let over = widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1)) - most;
    while (over > 0) {
      let widest = -1;
      for (const [at, column] of columns.entries()) {
        const width = widths[at] ?? 0;
        if (column.isFlexible === true && width > leastFlexible && width > (widths[widest] ?? 0)) widest = at;
      }
      if (widest < 0) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
      over -= 1;
    }
    return widths;
  }

  #bold(text: string): string {
    return this.#style.isColourful ? styleText('bold', text, { validateStream: false }) : text;
  }

  #faint(text: string): string {
    return this.#style.isColourful ? styleText('dim', text, { validateStream: false }) : text;
  }
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textColumns(text)));
}

function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textColumns(text))) + text;
}
