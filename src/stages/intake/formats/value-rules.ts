import type { Finding } from './defect-collection.ts';
import { isIpAddress } from './ip-address.ts';
import { collapsed, dayOf, momentOf } from './simple-values.ts';
import type { ValueRule } from './vocabulary/model.ts';

/**
 * How far a time may lie ahead of the bureau's clock. Services stamp a report with the moment of sending, and two
 * clocks never agree: five minutes is the skew that RFC 4120 (Kerberos, 2005) section 8.2 recommends to accept.
 */
const clockSkewMs = 5 * 60_000;

/** The furthest zone east of Greenwich: a date there begins this much earlier (XML Schema part 2, 2004, 3.2.7.3). */
const easternmostZoneMs = 14 * 3_600_000;

/** Documented limits of domain.md section 1.3 (technical documentation of 2025-06-11). */
const highestAge = 150;
const highestPort = 65_535;
const longestLocalPart = 64;

/** The documented rules about one value, by name. `now` is the bureau's clock. */
export const valueRules: Record<ValueRule, (value: string, now: Date) => Finding | undefined> = {
  'past-time': pastTime,
  'past-date': pastDate,
  url,
  'email-address': emailAddress,
  'ip-address': (value) =>
    isIpAddress(value.trim())
      ? undefined
      : { rule: 'ip-malformed', message: 'Send one IPv4 or IPv6 address without port, prefix or zone.' },
  port: (value) => wholeWithin(value, 1, highestPort, 'port-range'),
  age: (value) => wholeWithin(value, 0, highestAge, 'age-range'),
  'not-blank': (value) =>
    value.trim() === ''
      ? { rule: 'blank', message: 'The value is blank; say it in words, or leave the element out.' }
      : undefined,
  'report-number': (value) =>
    /^\+?0*[1-9]\d*$/.test(collapsed(value))
      ? undefined
      : {
          rule: 'report-number',
          message: 'Report numbers are positive; this one is not followed.',
          isWarning: true,
        },
};

function pastTime(value: string, now: Date): Finding | undefined {
  const moment = momentOf(value);
  if (moment === 'no-zone') {
    return {
      rule: 'time-without-zone',
      message: 'Say the zone: end the time with Z or an offset such as +01:00.',
    };
  }
  if (moment === 'out-of-range' || moment === 'no-time') return outOfRange;
  return moment > now.getTime() + clockSkewMs ? inFuture : undefined;
}

function pastDate(value: string, now: Date): Finding | undefined {
  const day = dayOf(value);
  if (typeof day !== 'number') return outOfRange;
  return day - easternmostZoneMs > now.getTime() ? inFuture : undefined;
}

const outOfRange: Finding = {
  rule: 'time-out-of-range',
  message: 'Send a year from 0001 to 9999 with four digits.',
};

const inFuture: Finding = {
  rule: 'time-in-future',
  message: 'The time lies in the future; send when it happened, and check the clock of the sending machine.',
};

const blank: Finding = {
  rule: 'blank-value',
  message: 'The element is blank and is not used; leave it out when there is nothing to say.',
  isWarning: true,
};

function url(value: string): Finding | undefined {
  const text = value.trim();
  if (text === '') return blank;
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text)) return undefined;
  if (/^(?:\/\/)?[^\s/?#@:]+\.[^\s/?#@:]{2,}(?::\d{1,5})?(?:[/?#]\S*)?$/.test(text)) {
    return {
      rule: 'url-without-scheme',
      message: 'The address has no scheme; send it with https:// or http:// in front.',
      isWarning: true,
    };
  }
  return {
    rule: 'url-malformed',
    message: 'Send a complete address with scheme, such as https://service.example/page.',
  };
}

function emailAddress(value: string): Finding | undefined {
  const text = value.trim();
  if (text === '') return blank;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  const domain = text.slice(at + 1);
  if (local === '' || !/^[^\s@,;<>()\\"]+$/.test(domain) || !/^(?:[^\s@]+|".+")$/.test(local)) {
    return { rule: 'email-malformed', message: 'Send one address in the form name@domain.example.' };
  }
  if ([...local].length > longestLocalPart) {
    return {
      rule: 'email-local-part',
      message: `The part before @ has more than ${longestLocalPart} characters; no address is that long.`,
    };
  }
  return undefined;
}

function wholeWithin(value: string, lowest: number, highest: number, rule: string): Finding | undefined {
  const number = Number(collapsed(value));
  if (number >= lowest && number <= highest) return undefined;
  return { rule, message: `Send a whole number from ${lowest} to ${highest}, or leave the element out.` };
}

/** Length in characters as the sender counts them: one for a character outside the basic plane too. */
export function lengthFinding(value: string, maxLength: number): Finding | undefined {
  if (value.length <= maxLength || [...value].length <= maxLength) return undefined;
  return { rule: 'too-long', message: `At most ${maxLength} characters are taken; shorten it.` };
}
