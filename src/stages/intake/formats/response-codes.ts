/**
 * The codes that the protocol answers with and what each means (documentation of 2025-06-11, appendix D; domain.md
 * section 1.2). 0 is success, anything else an error.
 */
export const responseCodes = {
  0: 'Success',
  1000: 'Server error',
  1100: 'Save failed',
  1110: 'Upload failed',
  1111: 'File upload failed',
  1210: 'Resource not found',
  1300: 'Update failed',
  2000: 'Authentication required',
  3000: 'Not authorized for this action',
  3100: 'Not authorized to make submissions',
  3300: 'Not authorized to make updates',
  4000: 'Invalid request',
  4100: 'Validation failed',
  4110: 'Malformed XML',
  4200: 'Malformed file',
  5001: 'Report does not exist',
  5002: 'File does not exist',
  5101: 'Report already retracted',
  5102: 'Report already finished',
} as const satisfies Readonly<Record<number, string>>;

export type ResponseCode = keyof typeof responseCodes;

/** What a code means in words; a code that the table lacks is still not left without words. */
export function meaningOf(code: number): string {
  return Object.hasOwn(responseCodes, code) ? responseCodes[code as ResponseCode] : 'Not accepted';
}
