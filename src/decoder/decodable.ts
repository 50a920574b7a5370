/** What sharp's own loaders read. */
export const readBySharp: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
];

/** Media types of pictures that are sent to a decoder, by a file's own bytes. */
export const decodable: readonly string[] = [...readBySharp, 'image/bmp', 'image/heic', 'image/heif'];
