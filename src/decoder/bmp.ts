/** Pixels of a picture: three bytes each, red, green, blue, rows from the top. */
export interface Pixels {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface BitmapHeader {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly pixelsAt: number;
  /** Where the colours of a palette stand, how many there are, and bytes of each. */
  readonly palette: { readonly at: number; readonly count: number; readonly each: number };
  /** Masks of red, green and blue, where the pixels are made of bit fields. */
  readonly masks?: readonly [number, number, number];
}

const fileHeaderBytes = 14;
const [plain, bitFields, alphaBitFields] = [0, 3, 6];

/**
 * The header of a Windows bitmap (BITMAPCOREHEADER, BITMAPINFOHEADER and its successors; Microsoft, "Bitmap Storage").
 * @returns a sentence where it is damaged or of a kind that is not read: run-length encoding, embedded JPEG or PNG
 */
export function readBitmapHeader(bytes: Uint8Array): BitmapHeader | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < fileHeaderBytes + 12) return 'The bitmap ends within its header.';
  const pixelsAt = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const isCore = headerBytes === 12;
  if (bytes.length < fileHeaderBytes + headerBytes || (!isCore && headerBytes < 40))
    return 'The bitmap ends within its header.';
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const tall = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? plain : view.getUint32(30, true);
  if (width < 1 || tall === 0) return 'The bitmap has no size.';
  const hasFields = compression === bitFields || compression === alphaBitFields;
  if (compression !== plain && !hasFields) return 'The bitmap is compressed in a way that is not read here.';
  if (![1, 4, 8, 16, 24, 32].includes(bits) || (hasFields && bits !== 16 && bits !== 32))
    return `Bitmaps of ${bits} bits a pixel are not read here.`;
  const masks = hasFields
    ? masksOf(view, bytes.length)
    : bits === 16
      ? ([0x7c00, 0x3e0, 0x1f] as const)
      : undefined;
  if (hasFields && masks === undefined) return 'The bitmap ends within its header.';
  const listed = isCore ? 0 : view.getUint32(46, true);
  const most = bits > 8 ? 0 : 2 ** bits;
  return {
    width,
    height: Math.abs(tall),
    isTopDown: tall < 0,
    bits,
    compression,
    pixelsAt,
    palette: {
      at: fileHeaderBytes + headerBytes,
      count: listed === 0 ? most : Math.min(listed, most),
      each: isCore ? 3 : 4,
    },
    ...(masks === undefined ? {} : { masks }),
  };
}

/** Behind a header of 40 bytes, and at the same place within longer ones. */
function masksOf(view: DataView, size: number): readonly [number, number, number] | undefined {
  const at = fileHeaderBytes + 40;
  if (size < at + 12) return undefined;
  return [view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
}

/**
 * The pixels. The fourth byte of 32 bits is no alpha here: most programs leave it undefined. What is missing at the
 * end stays black.
 */
export function readBitmap(
  bytes: Uint8Array,
  header: BitmapHeader,
): Pixels & { readonly isPartial: boolean } {
  const { width, height, bits, isTopDown, pixelsAt } = header;
  const rgb = new Uint8Array(width * height * 3);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const colourOf = colourReader(bytes, header);
  for (let row = 0; row < height; row += 1) {
    const from = pixelsAt + row * rowBytes;
    let into = (isTopDown ? row : height - 1 - row) * width * 3;
    for (let x = 0; x < width; x += 1, into += 3) {
      const colour = colourOf(from, x);
      rgb[into] = colour >>> 16;
      rgb[into + 1] = (colour >>> 8) & 0xff;
      rgb[into + 2] = colour & 0xff;
    }
  }
  return { rgb, width, height, isPartial: pixelsAt + rowBytes * height > bytes.length };
}

/** Gives 0xRRGGBB of a pixel by the place of its row. */
function colourReader(bytes: Uint8Array, header: BitmapHeader): (row: number, x: number) => number {
  const byte = (at: number) => bytes[at] ?? 0;
  const { bits, palette, masks } = header;
  if (bits <= 8) {
    const colours = Array.from({ length: palette.count }, (_, index) => {
      const at = palette.at + index * palette.each;
      return (byte(at + 2) << 16) | (byte(at + 1) << 8) | byte(at);
    });
    const perByte = 8 / bits;
    const mask = 2 ** bits - 1;
    return (row, x) => {
      const shift = 8 - bits * ((x % perByte) + 1);
      return colours[(byte(row + Math.floor(x / perByte)) >>> shift) & mask] ?? 0;
    };
  }
  const step = bits / 8;
  if (masks === undefined)
    return (row, x) => {
      const at = row + x * step;
      return (byte(at + 2) << 16) | (byte(at + 1) << 8) | byte(at);
    };
  const channels = masks.map(channelOf);
  return (row, x) => {
    const at = row + x * step;
    const high = bits === 32 ? (byte(at + 3) << 24) | (byte(at + 2) << 16) : 0;
    const value = (high | (byte(at + 1) << 8) | byte(at)) >>> 0;
    return channels.reduce((colour, channel) => (colour << 8) | channel(value), 0);
  };
}

/** Spreads the bits of one mask over 0 to 255. */
function channelOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (value) => Math.min(255, Math.round((((value & mask) >>> shift) * 255) / most));
}
