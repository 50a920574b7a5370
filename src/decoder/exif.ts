import type { Fact, FactName } from './verdict.ts';

/** More entries than any camera writes; a file that claims more is not followed. */
const mostEntries = 200;
const longestText = 200;
/** Bytes of one component, by the TIFF type's number (TIFF 6.0 section 2). */
const typeBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly at: number;
}
type Directory = ReadonlyMap<number, Entry>;

/**
 * What Exif data says of when, where and with what a picture was taken (JEITA CP-3451 2.32). Never throws: what does
 * not fit is left out. Values are as written, not checked against anything.
 * @param bytes as they stand in the file, with or without the marker `Exif\0\0`
 */
export function readExif(bytes: Uint8Array): readonly Fact[] {
  const tiff = withoutMarker(bytes);
  const reader = new TiffReader(tiff);
  const order = String.fromCharCode(tiff[0] ?? 0, tiff[1] ?? 0);
  if (order !== 'II' && order !== 'MM') return [];
  reader.isLittle = order === 'II';
  const main = reader.directory(reader.uint32(4) ?? 0);
  const exif = reader.directory(reader.number(main, 0x8769) ?? 0);
  const gps = reader.directory(reader.number(main, 0x8825) ?? 0);
  const facts: Fact[] = [];
  const add = (name: FactName, value: string | undefined, source: string): void => {
    if (value !== undefined && value !== '') facts.push({ name, value, source: `Exif ${source}` });
  };
  add('taken-at', timeOf(reader.text(exif, 0x9003), reader.text(exif, 0x9011)), 'DateTimeOriginal (0x9003)');
  add('changed-at', timeOf(reader.text(main, 0x0132), reader.text(exif, 0x9010)), 'DateTime (0x0132)');
  const device = [reader.text(main, 0x010f), reader.text(main, 0x0110)].filter((part) => part !== undefined);
  add('device', device.join(' '), 'Make (0x010F), Model (0x0110)');
  add('software', reader.text(main, 0x0131), 'Software (0x0131)');
  add('orientation', orientationOf(reader.number(main, 0x0112)), 'Orientation (0x0112)');
  add('place', placeOf(reader, gps), 'GPSLatitude (0x0002), GPSLongitude (0x0004)');
  add('altitude', altitudeOf(reader, gps), 'GPSAltitude (0x0006)');
  add('place-at', gpsTimeOf(reader, gps), 'GPSDateStamp (0x001D), GPSTimeStamp (0x0007)');
  return facts;
}

function withoutMarker(bytes: Uint8Array): Uint8Array {
  const marker = [0x45, 0x78, 0x69, 0x66, 0, 0];
  return marker.every((byte, index) => bytes[index] === byte) ? bytes.subarray(marker.length) : bytes;
}

class TiffReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  isLittle = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint16(at: number): number | undefined {
    return at + 2 <= this.#bytes.length ? this.#view.getUint16(at, this.isLittle) : undefined;
  }

  uint32(at: number): number | undefined {
    return at + 4 <= this.#bytes.length ? this.#view.getUint32(at, this.isLittle) : undefined;
  }

  /** Entries whose values lie inside the data; an offset of 0 is no directory. */
  directory(at: number): Directory {
    const entries = new Map<number, Entry>();
    const count = at === 0 ? 0 : Math.min(this.uint16(at) ?? 0, mostEntries);
    for (let index = 0; index < count; index += 1) {
      const place = at + 2 + index * 12;
      const [tag, type, values] = [this.uint16(place), this.uint16(place + 2), this.uint32(place + 4)];
      const each = typeBytes[type ?? 0];
      if (tag === undefined || type === undefined || values === undefined || each === undefined) continue;
      const valueAt = values * each <= 4 ? place + 8 : this.uint32(place + 8);
      if (valueAt === undefined || valueAt + values * each > this.#bytes.length) continue;
      if (!entries.has(tag)) entries.set(tag, { type, count: values, at: valueAt });
    }
    return entries;
  }

  number(directory: Directory, tag: number): number | undefined {
    const entry = directory.get(tag);
    if (entry === undefined || entry.count < 1) return undefined;
    if (entry.type === 1) return this.#bytes[entry.at];
    if (entry.type === 3) return this.uint16(entry.at);
    return entry.type === 4 ? this.uint32(entry.at) : undefined;
  }

  /** Printable characters only, without white space at the ends. */
  text(directory: Directory, tag: number): string | undefined {
    const entry = directory.get(tag);
    if (entry?.type !== 2) return undefined;
    const bytes = this.#bytes.subarray(entry.at, entry.at + Math.min(entry.count, longestText * 4));
    const end = bytes.indexOf(0);
    const text = new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
    const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
    return plain === '' ? undefined : plain.slice(0, longestText);
  }

  rationals(directory: Directory, tag: number): readonly number[] {
    const entry = directory.get(tag);
    if (entry?.type !== 5) return [];
    const numbers: number[] = [];
    for (let index = 0; index < Math.min(entry.count, 3); index += 1) {
      const above = this.uint32(entry.at + index * 8) ?? 0;
      const below = this.uint32(entry.at + index * 8 + 4) ?? 0;
      numbers.push(below === 0 ? Number.NaN : above / below);
    }
    return numbers;
  }
}

/** `2026:03:01 10:20:30` as ISO 8601; the offset only where the file gives one, because otherwise nobody knows it. */
function timeOf(text: string | undefined, offset: string | undefined): string | undefined {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text ?? '');
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  const isReal =
    within(year, 1, 9999) &&
    within(month, 1, 12) &&
    within(day, 1, 31) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 60);
  if (!isReal) return undefined;
  const zone = /^[+-]\d\d:\d\d$/.test(offset ?? '') ? offset : '';
  return `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}${zone}`;
}

function within(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most;
}

function orientationOf(value: number | undefined): string | undefined {
  return within(value, 1, 8) ? String(value) : undefined;
}

/** Latitude and longitude in degrees, WGS 84, six decimals. */
function placeOf(reader: TiffReader, gps: Directory): string | undefined {
  const latitude = degreesOf(reader.rationals(gps, 2), reader.text(gps, 1), ['N', 'S'], 90);
  const longitude = degreesOf(reader.rationals(gps, 4), reader.text(gps, 3), ['E', 'W'], 180);
  if (latitude === undefined || longitude === undefined) return undefined;
  return `${latitude.toFixed(6)} ${longitude.toFixed(6)}`;
}

function degreesOf(
  parts: readonly number[],
  reference: string | undefined,
  [plus, minus]: readonly [string, string],
  most: number,
): number | undefined {
  const [degrees = Number.NaN, minutes = 0, seconds = 0] = parts;
  if (reference !== plus && reference !== minus) return undefined;
  const value = degrees + minutes / 60 + seconds / 3600;
  if (!(value >= 0 && value <= most)) return undefined;
  return reference === minus ? -value : value;
}

/** Metres above the sea. */
function altitudeOf(reader: TiffReader, gps: Directory): string | undefined {
  const [metres] = reader.rationals(gps, 6);
  if (metres === undefined || !Number.isFinite(metres)) return undefined;
  return `${(reader.number(gps, 5) === 1 ? -metres : metres).toFixed(1)} m`;
}

/** Satellites give UTC. */
function gpsTimeOf(reader: TiffReader, gps: Directory): string | undefined {
  const [hour = Number.NaN, minute = Number.NaN, second = Number.NaN] = reader.rationals(gps, 7);
  const date = reader.text(gps, 0x1d);
  if (![hour, minute, second].every(Number.isFinite)) return undefined;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const time = timeOf(`${date} ${two(hour)}:${two(minute)}:${two(second)}`, undefined);
  return time === undefined ? undefined : `${time}Z`;
}
