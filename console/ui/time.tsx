import { useEffect, useState } from 'react';

/** The person's own English, or British English where the browser speaks something else: the console's words are English. */
const locale =
  typeof navigator !== 'undefined' && navigator.language.startsWith('en') ? navigator.language : 'en-GB';

const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const momentParts = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
} as const;
const moment = new Intl.DateTimeFormat(locale, momentParts);
const momentWithSeconds = new Intl.DateTimeFormat(locale, { ...momentParts, second: '2-digit' });
const exact = new Intl.DateTimeFormat(locale, {
  dateStyle: 'full',
  timeStyle: 'long',
  hourCycle: 'h23',
});
const clockTime = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** The reader's zone by name, for example `Europe/London`. */
export const zoneName = new Intl.DateTimeFormat().resolvedOptions().timeZone;

function parsed(at: string): Date | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export function momentText(at: string): string {
  const date = parsed(at);
  return date === undefined ? at : moment.format(date);
}

export function clockText(at: string): string {
  const date = parsed(at);
  return date === undefined ? at : clockTime.format(date);
}

/** Elapsed time in at most two units: `35 s`, `12 min`, `3 h 20 min`, `2 d 4 h`, `210 d`. */
export function elapsedText(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return days >= 7 || hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** The time now, renewed every `everyMs` while mounted. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

interface MomentProps {
  readonly at: string;
  /** With seconds, where the order of acts matters. */
  readonly isExact?: boolean;
}

/** Absolute, with zone: `24 Nov 2025, 14:03 GMT`. */
export function Moment({ at, isExact }: MomentProps) {
  const date = parsed(at);
  return (
    <time dateTime={at} title={date === undefined ? at : exact.format(date)}>
      {date !== undefined && isExact === true ? momentWithSeconds.format(date) : momentText(at)}
    </time>
  );
}

export function Day({ at }: { readonly at: string }) {
  const date = parsed(at);
  return (
    <time className="nowrap" dateTime={at} title={date === undefined ? at : exact.format(date)}>
      {date === undefined ? at : day.format(date)}
    </time>
  );
}

/** Relative, with the absolute time as its title: `3 h 20 min ago`. */
export function Ago({ at, isBare }: { readonly at: string; readonly isBare?: boolean }) {
  const now = useNow(30_000);
  const date = parsed(at);
  if (date === undefined) return <span>{at}</span>;
  return (
    <time className="nowrap" dateTime={at} title={exact.format(date)}>
      {elapsedText(now - date.getTime())}
      {isBare === true ? null : ' ago'}
    </time>
  );
}
