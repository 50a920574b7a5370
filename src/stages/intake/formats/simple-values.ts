import type { ValueSpec } from './vocabulary/compiled.ts';
import type { BuiltIn } from './vocabulary/model.ts';

/** Values of the schema's built-in types, as XML Schema 1.0 part 2 (W3C, 2004) writes them. */

/** White space as the non-string types collapse it. */
export function collapsed(text: string): string {
  return text.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, '');
}

export function isTrue(text: string | undefined): boolean {
  const value = text === undefined ? '' : collapsed(text);
  return value === 'true' || value === '1';
}

/** A whole number without plus sign and leading zeros, as a string: ids outgrow what a number holds exactly. */
export function wholeNumber(text: string): string {
  const [, sign = '', digits = ''] = /^([+-]?)0*(\d+)$/.exec(collapsed(text)) ?? [];
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

const clock = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?|24:00:00(?:\\.0+)?';
const zone = 'Z|[+-](?:0\\d|1[0-3]):[0-5]\\d|[+-]14:00';
const day = '(-?(?:[1-9]\\d{3,}|0\\d{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';
const dateTimeForm = new RegExp(`^${day}T(?:${clock})(${zone})?$`);
const dateForm = new RegExp(`^${day}(${zone})?$`);

const forms: Record<Exclude<BuiltIn, 'xs:string' | 'xs:token'>, (text: string) => boolean> = {
  'xs:boolean': (text) => /^(?:true|false|0|1)$/.test(text),
  'xs:int': (text) => isWithin(text, -(2n ** 31n), 2n ** 31n - 1n),
  'xs:long': (text) => isWithin(text, -(2n ** 63n), 2n ** 63n - 1n),
  'xs:double': (text) => /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN)$/.test(text),
  'xs:date': (text) => isDay(dateForm.exec(text)),
  'xs:dateTime': (text) => isDay(dateTimeForm.exec(text)),
};

/** Whether the text is a value of the built-in type. */
export function isOfType(base: BuiltIn, text: string): boolean {
  return base === 'xs:string' || base === 'xs:token' || forms[base](collapsed(text));
}

/** Which part of the value's type the text misses, or nothing. */
export function typeFault(spec: ValueSpec, text: string): 'type' | 'values' | 'pattern' | undefined {
  if (!isOfType(spec.base, text)) return 'type';
  if (spec.values !== undefined && !spec.values.has(text)) return 'values';
  if (spec.pattern !== undefined && !spec.pattern.test(text)) return 'pattern';
  return undefined;
}

function isWithin(text: string, lowest: bigint, highest: bigint): boolean {
  if (!/^[+-]?\d+$/.test(text) || text.length > 40) return false;
  const value = BigInt(text.replace('+', ''));
  return value >= lowest && value <= highest;
}

function isDay(match: RegExpExecArray | null): boolean {
  if (match === null) return false;
  const [, year = '', month = '', date = ''] = match;
  return !/^-?0+$/.test(year) && Number(date) <= daysOf(Number(year), Number(month));
}

function daysOf(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

/** A moment as milliseconds since 1970, or why it names none. */
export type Moment = number | 'no-zone' | 'out-of-range' | 'no-time';

/** The moment that an xs:dateTime names; fractions of a millisecond are dropped. Years 1 to 9999. */
export function momentOf(text: string): Moment {
  const value = collapsed(text);
  const match = dateTimeForm.exec(value);
  if (!isDay(match) || match === null) return 'no-time';
  const [, year = ''] = match;
  const offset = match.at(-1);
  if (year.length !== 4) return 'out-of-range';
  if (offset === undefined) return 'no-zone';
  const [hours = 0, minutes = 0, seconds = 0] = value.slice(11, 19).split(':').map(Number);
  const fraction = /\.(\d{1,3})/.exec(value)?.[1] ?? '0';
  const zoneMinutes = offset === 'Z' ? 0 : zoneOf(offset);
  const start = startOfDay(value);
  return (
    start + ((hours * 60 + minutes - zoneMinutes) * 60 + seconds) * 1000 + Number(fraction.padEnd(3, '0'))
  );
}

/** Midnight UTC of the day that an xs:date names, its zone left aside. Years 1 to 9999. */
export function dayOf(text: string): Moment {
  const value = collapsed(text);
  const match = dateForm.exec(value);
  if (!isDay(match) || match === null) return 'no-time';
  return match[1]?.length === 4 ? startOfDay(value) : 'out-of-range';
}

/** The calendar repeats every 400 years; Date.UTC reads the years 0 to 99 as 1900 to 1999, so it is asked 400 years on. */
const fourCenturiesMs = 146_097 * 86_400_000;

function startOfDay(value: string): number {
  const [year = 0, month = 1, date = 1] = value.slice(0, 10).split('-').map(Number);
  return Date.UTC(year + 400, month - 1, date) - fourCenturiesMs;
}

function zoneOf(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return offset.startsWith('-') ? -minutes : minutes;
}
