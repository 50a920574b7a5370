/** How long a report may stay open without being filed (domain.md section 1.1, documentation of 2025-06-11). */
export const openForMs = 24 * 3_600_000;
export const idleForMs = 3_600_000;

/** A day after it was opened or an hour after the last upload or file details, whichever is later. */
export function expiryOf(openedAt: Date, modifiedAt: Date): Date {
  return new Date(Math.max(openedAt.getTime() + openForMs, modifiedAt.getTime() + idleForMs));
}

/** Whether an open report's time is over; at the very moment it is. */
export function isExpired(expiresAt: Date, now: Date): boolean {
  return now.getTime() >= expiresAt.getTime();
}
