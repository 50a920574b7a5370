/** The part of heic-decode that is used; the package brings no types. */
declare module 'heic-decode' {
  interface Image {
    readonly width: number;
    readonly height: number;
    decode(): Promise<{ readonly width: number; readonly height: number; readonly data: Uint8ClampedArray }>;
  }
  const heicDecode: {
    all(input: { readonly buffer: Uint8Array }): Promise<readonly Image[] & { dispose(): void }>;
  };
  export = heicDecode;
}
