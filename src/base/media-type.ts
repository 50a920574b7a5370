/** How many bytes from the start are looked at. */
const looksAtBytes = 4096;

interface Signature {
  readonly mediaType: string;
  readonly at: number;
  /** One character per byte. */
  readonly bytes: string;
  /** More that must hold, given everything that is looked at. */
  readonly also?: (head: string) => boolean;
}

/**
 * Magic bytes, in the order in which they are tried. Sources: JPEG ITU-T T.81 B.1.1.3; PNG W3C 2025 5.2; GIF89a 17;
 * WebP RFC 9649; TIFF 6.0 section 2 and BigTIFF; Matroska RFC 9559; Ogg RFC 3533; PDF ISO 32000-2 7.5.2;
 * ZIP APPNOTE 4.3; MPEG-1 and -2 ISO/IEC 11172-1, 13818-1.
 */
const signatures: readonly Signature[] = [
  { mediaType: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { mediaType: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { mediaType: 'image/gif', at: 0, bytes: 'GIF87a' },
  { mediaType: 'image/gif', at: 0, bytes: 'GIF89a' },
  { mediaType: 'image/webp', at: 0, bytes: 'RIFF', also: (head) => head.startsWith('WEBP', 8) },
  { mediaType: 'video/x-msvideo', at: 0, bytes: 'RIFF', also: (head) => head.startsWith('AVI ', 8) },
  { mediaType: 'audio/wav', at: 0, bytes: 'RIFF', also: (head) => head.startsWith('WAVE', 8) },
  { mediaType: 'image/tiff', at: 0, bytes: 'II*\0' },
  { mediaType: 'image/tiff', at: 0, bytes: 'MM\0*' },
  { mediaType: 'image/tiff', at: 0, bytes: 'II+\0' },
  { mediaType: 'image/tiff', at: 0, bytes: 'MM\0+' },
  { mediaType: 'image/bmp', at: 0, bytes: 'BM', also: hasBitmapHeader },
  { mediaType: 'video/webm', at: 0, bytes: '\x1aE\xdf\xa3', also: (head) => documentTypeOf(head) === 'webm' },
  {
    mediaType: 'video/x-matroska',
    at: 0,
    bytes: '\x1aE\xdf\xa3',
    also: (head) => documentTypeOf(head) === 'matroska',
  },
  { mediaType: 'video/ogg', at: 0, bytes: 'OggS', also: (head) => head.startsWith('\x80theora', 28) },
  { mediaType: 'audio/ogg', at: 0, bytes: 'OggS' },
  { mediaType: 'video/mpeg', at: 0, bytes: '\0\0\x01\xba' },
  { mediaType: 'video/mpeg', at: 0, bytes: '\0\0\x01\xb3' },
  { mediaType: 'video/mp2t', at: 0, bytes: 'G', also: (head) => head[188] === 'G' && head[376] === 'G' },
  { mediaType: 'application/pdf', at: 0, bytes: '%PDF-' },
  { mediaType: 'application/zip', at: 0, bytes: 'PK\x03\x04' },
  { mediaType: 'application/zip', at: 0, bytes: 'PK\x05\x06' },
  { mediaType: 'application/zip', at: 0, bytes: 'PK\x07\x08' },
  { mediaType: 'audio/mpeg', at: 0, bytes: 'ID3' },
];

/** Major and compatible brands of `ftyp` (ISO/IEC 14496-12 4.3; registry mp4ra.org), most telling first. */
const brands: readonly (readonly [RegExp, string])[] = [
  [/^(avif|avis)$/, 'image/avif'],
  [/^(heic|heix|heim|heis|hevc|hevx|hevm|hevs)$/, 'image/heic'],
  [/^(mif1|msf1)$/, 'image/heif'],
  [/^qt {2}$/, 'video/quicktime'],
  [/^3g2/, 'video/3gpp2'],
  [/^3g/, 'video/3gpp'],
  [/^M4[ABP] $/, 'audio/mp4'],
  [/^(isom|iso[2-9]|mp4[12]|avc1|dash|M4V |M4VH|M4VP|MSNV|f4v |NDSC|mmp4)/, 'video/mp4'],
];

/** QuickTime files older than `ftyp` begin with one of these atoms. */
const quickTimeAtoms = ['moov', 'mdat', 'wide', 'pnot'];

/**
 * The media type of a file by its first bytes, never by its name; undefined when it is none of those known.
 * Says what a file claims to be, not that it can be decoded.
 */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, looksAtBytes));
  if (head === '') return undefined;
  return (
    signatures.find(({ at, bytes: magic, also }) => head.startsWith(magic, at) && (also?.(head) ?? true))
      ?.mediaType ??
    boxedTypeOf(head) ??
    (isMpegAudio(head) ? 'audio/mpeg' : undefined) ??
    (isText(bytes.subarray(0, looksAtBytes)) ? textTypeOf(head) : undefined)
  );
}

/** ISO base media files: the major brand first; a general one may be narrowed by what it is compatible with. */
function boxedTypeOf(head: string): string | undefined {
  const kind = head.slice(4, 8);
  if (quickTimeAtoms.includes(kind)) return 'video/quicktime';
  if (kind !== 'ftyp') return undefined;
  const end = Math.min(uint32At(head, 0), head.length);
  const named = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) named.push(head.slice(at, at + 4));
  const types = named.map((name) => brands.find(([form]) => form.test(name))?.[1]);
  if (types[0] === 'image/heif')
    return types.find((type) => type === 'image/avif' || type === 'image/heic') ?? types[0];
  return types.find((type) => type !== undefined);
}

/** An SVG's root may come after a declaration, comments and a document type (SVG 2, 1.8.4). */
function textTypeOf(head: string): string {
  return /^\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE\s+svg|svg[\s>])/i.test(head) &&
    /<svg[\s>]/i.test(head)
    ? 'image/svg+xml'
    : 'text/plain';
}

function hasBitmapHeader(head: string): boolean {
  const headerBytes = uint32At(reversed(head, 14), 0);
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(headerBytes);
}

/** The DocType element of an EBML header: id 0x4282, one byte of length, text. */
function documentTypeOf(head: string): string | undefined {
  const at = head.slice(0, 256).indexOf('\x42\x82');
  if (at === -1) return undefined;
  const length = head.charCodeAt(at + 2) & 0x7f;
  return head.slice(at + 3, at + 3 + length).replace(/\0+$/, '');
}

const kilobitsOfLayer3 = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const hertzOfMpeg1 = [44_100, 48_000, 32_000];

/**
 * An MP3 without a tag: a layer III frame header (ISO/IEC 11172-3 2.4.1.3, 13818-3 for the lower rates) and, where
 * the bytes reach that far, a second one where the first says it must be. Eleven set bits alone prove little.
 */
function isMpegAudio(head: string): boolean {
  const length = layer3FrameBytes(head, 0);
  if (length === undefined) return false;
  return length + 4 > head.length || layer3FrameBytes(head, length) !== undefined;
}

function layer3FrameBytes(head: string, at: number): number | undefined {
  const header = uint32At(head, at);
  if (header >>> 21 !== 0x7ff || ((header >>> 17) & 3) !== 1) return undefined;
  const version = (header >>> 19) & 3;
  const hertz = hertzOfMpeg1[(header >>> 10) & 3];
  const kilobits = kilobitsOfLayer3[version === 3 ? 'mpeg1' : 'mpeg2'][(header >>> 12) & 15];
  if (version === 1 || hertz === undefined || kilobits === undefined || kilobits === 0) return undefined;
  const padding = (header >>> 9) & 1;
  // A frame holds 1152 samples in MPEG-1 and 576 in MPEG-2 (half the rate) and 2.5 (a quarter).
  const samplesInBytes = version === 3 ? 144 : 72;
  const rate = version === 3 ? hertz : version === 2 ? hertz / 2 : hertz / 4;
  return Math.floor((samplesInBytes * kilobits * 1000) / rate) + padding;
}

/** UTF-8 or marked UTF-16 without control characters other than white space and escape. */
function isText(bytes: Uint8Array): boolean {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    // As a stream, so that a character that is cut by the end of the bytes is no fault.
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what tells text from binary
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text);
  } catch {
    return false;
  }
}

function uint32At(text: string, at: number): number {
  let value = 0;
  for (let index = at; index < at + 4; index += 1)
    value = value * 256 + (index < text.length ? text.charCodeAt(index) : 0);
  return value;
}

/** Four bytes in the other order, for little-endian numbers. */
function reversed(text: string, at: number): string {
  return [...text.slice(at, at + 4)].reverse().join('');
}
