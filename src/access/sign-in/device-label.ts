/** The families that a person tells their devices apart by; the first that fits, because later ones imitate earlier ones. */
const browsers = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;

const systems = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

/** `Firefox on Linux`, for a person to recognise their own session by. Never more than a family: versions tell nothing. */
export function deviceLabel(userAgent: string | readonly string[] | undefined): string {
  const text = (typeof userAgent === 'string' ? userAgent : '').slice(0, 500);
  const browser = browsers.find(([form]) => form.test(text))?.[1];
  const system = systems.find(([form]) => form.test(text))?.[1];
  if (browser === undefined && system === undefined) return 'Another program';
  return `${browser ?? 'A browser'} on ${system ?? 'an unknown system'}`;
}
