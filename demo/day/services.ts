import { completeness } from './mix.ts';

/** What a service is, which decides how its reports look. */
type ServiceKind = 'chat' | 'social' | 'storage' | 'games' | 'hosting' | 'encrypted' | 'thin';

/** Clients in the field span ten years: what they know of the protocol, and how they put it on the wire. */
export type Generation = 2016 | 2021 | 2026;

/** An invented online service. None of these exists. */
export interface Service {
  readonly key: string;
  readonly name: string;
  readonly kind: ServiceKind;
  /** Percent of all reports: the sizes of UK 2024, the names invented. */
  readonly share: number;
  /** The XML protocol, or the JSON API with either of its profiles. */
  readonly door: 'ispws' | 'v1' | 'v1-uk';
  readonly generation: Generation;
  /** How completely it reports: 1 is the mean of all services, 0 sends nothing that identifies anybody. */
  readonly care: number;
}

const rows = [
  ['harbour-chat', 'Harbour Chat', 'chat', 35.6, 'ispws', 2026, 1.02],
  ['pebblewick', 'Pebblewick Messenger', 'chat', 12.2, 'ispws', 2016, 0.85],
  ['lanternleaf', 'Lanternleaf Pictures', 'social', 8.8, 'ispws', 2026, 1.15],
  ['cinderbrook', 'Cinderbrook Rooms', 'chat', 8.3, 'ispws', 2021, 1.1],
  ['vanewood', 'Vanewood Posts', 'social', 7.0, 'ispws', 2021, 0.8],
  ['meadowfold', 'Meadowfold Social', 'social', 5.9, 'v1', 2026, 1.2],
  ['cairnstead', 'Cairnstead Storage', 'storage', 4.7, 'v1', 2026, 1.2],
  ['hedgewell', 'Hedgewell Forums', 'social', 3.3, 'ispws', 2016, 1.0],
  ['slatemoor', 'Slatemoor Drive', 'storage', 2.2, 'v1-uk', 2026, 1.15],
  ['marblewake', 'Marblewake Video', 'social', 2.2, 'ispws', 2026, 1.1],
  ['quillstone', 'Quillstone Sealed Messenger', 'encrypted', 4.0, 'ispws', 2026, 1.1],
  ['prismfold', 'Prismfold Studio', 'thin', 2.8, 'ispws', 2021, 0],
  ['otterholm', 'Otterholm Games', 'games', 1.8, 'ispws', 2016, 0.9],
  ['ferrywick', 'Ferrywick Hosting', 'hosting', 1.2, 'v1-uk', 2026, 0.6],
] as const;

export const services: readonly Service[] = rows.map(([key, name, kind, share, door, generation, care]) => ({
  key,
  name,
  kind,
  share,
  door,
  generation,
  care,
}));

const meanCare =
  services.reduce((sum, service) => sum + service.share * service.care, 0) /
  services.reduce((sum, service) => sum + service.share, 0);

/** How often this service sends a fact, so that all services together send it as often as `completeness` says. */
export function rateOf(service: Service, fact: keyof typeof completeness): number {
  return Math.min(1, (completeness[fact] * service.care) / meanCare);
}

/** Its own domain, under the top-level domain that RFC 2606 reserves for examples. */
export function hostOf(service: Service): string {
  return `${service.key}.example`;
}
