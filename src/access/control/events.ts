/** What happens in access that work follows from. The subject is the emergency's id. */
export interface AccessEvent {
  readonly name: 'emergency.waits' | 'emergency.reviewed';
  readonly subject: string;
}
