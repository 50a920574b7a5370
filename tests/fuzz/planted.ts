/** A parser with a fault behind four steps, each of which can be told from the code that runs. For the fuzzer's own test. */
export function plantedFault(input: Uint8Array): number {
  if (input[0] !== 0x7b) return 0;
  if (input[1] !== 0x00) return 1;
  if (input[2] !== 0x3c) return 2;
  if (input[3] !== 0xff) return 3;
  throw new TypeError('the planted fault');
}
