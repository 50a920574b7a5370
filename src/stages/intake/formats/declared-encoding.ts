import type { Defect } from '#base/defects';

/**
 * What the Content-Type header says about the encoding against the bytes. Documents are UTF-8; a header that names
 * another character set does no harm as long as every byte is ASCII, which is the same in all that clients name.
 */
export function encodingDefects(bytes: Uint8Array, contentType: string): readonly Defect[] {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii') return [];
  const isUtf16 = /^utf-?(?:16|32)/.test(charset);
  if (!isUtf16 && bytes.every((byte) => byte < 0x80)) return [];
  return [
    {
      element: 'Content-Type',
      layer: 'form',
      rule: 'encoding',
      message:
        'The header names another character set than UTF-8. Send the document in UTF-8 and say charset=utf-8.',
    },
  ];
}
