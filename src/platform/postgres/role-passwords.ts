import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** Derived from the bureau's secret, so that every machine that may read the secret knows it and none has to keep it. */
export function rolePassword(secret: Buffer, roleName: string): string {
  return createHmac('sha256', secret).update(`password of ${roleName}`).digest('base64url');
}

/** PostgreSQL's own default (manual 18, scram_iterations). */
const iterations = 4096;

/**
 * What PostgreSQL keeps of a password (RFC 5803, as in pg_authid), so that the password itself is in no statement and
 * no log of statements.
 */
export function scramVerifier(secret: Buffer, roleName: string): string {
  const salt = createHmac('sha256', secret).update(`salt of ${roleName}`).digest().subarray(0, 16);
  return scramVerifierOf(rolePassword(secret, roleName), salt);
}

/** @param password of letters, digits, - and _ only, so that there is nothing to normalise (RFC 4013) */
export function scramVerifierOf(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** The same server and database, as somebody else. */
export function urlAs(ownerUrl: string, roleName: string, password: string): string {
  // PostgreSQL's own form for a socket has an empty host, which URL does not know; the one in the query counts.
  const url = new URL(ownerUrl.replace(/^(postgres(?:ql)?:\/\/[^/]*@)\//, '$1localhost/'));
  url.username = encodeURIComponent(roleName);
  url.password = password;
  return url.href;
}
