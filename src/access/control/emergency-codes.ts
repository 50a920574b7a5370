import { parseStaffId } from '#base/ids';
import { newKeyBytes, newUuid } from '#platform/random';
import { accessRefusal } from '../codes.ts';
import type { Ctx } from '../ctx.ts';
import { hashPassword, type PasswordCheck } from '../passwords.ts';
import type { RequestFacts } from '../route.ts';
import { type StartedSession, startSession } from '../sign-in/start-session.ts';
import { staffById } from '../store.ts';
import { controlRefusal } from './codes.ts';
import { codeByLookup, insertEmergency, type NewCode, replaceCodes, spendCode } from './emergency-store.ts';
import { reviewTime } from './take-emergency-access.ts';

/** One sheet of paper; each code works once. */
const codesPerSheet = 10;
/** Crockford's Base32: no letter that is read as a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const lookupLength = 8;
/** 100 bits: out of reach for guessing, so failures need no lock-out that would lock out the rightful holder. */
const secretLength = 20;

export interface PrintedCodes {
  readonly staffId: string;
  readonly name: string;
  /** Shown once; only argon2id hashes are kept. */
  readonly codes: readonly string[];
}

/**
 * Makes a sheet of one-time codes for one person, to be sealed in an envelope: they sign in when the agency's own
 * sign-in is away. Earlier unused codes of the person stop working.
 */
export async function printEmergencyCodes(
  ctx: Ctx,
  input: { readonly staffId: string },
): Promise<PrintedCodes> {
  const id = parseStaffId(input.staffId);
  const staff = id === undefined ? undefined : await staffById(ctx.tx.db, id);
  if (staff === undefined) throw accessRefusal('access.unknown-staff');
  if (staff.disabled_at !== null) throw accessRefusal('access.staff-disabled');
  const made: { readonly shown: string; readonly row: NewCode }[] = [];
  for (let n = 0; n < codesPerSheet; n += 1) {
    const lookup = randomText(lookupLength);
    const secret = randomText(secretLength);
    const groups = secret.match(/.{5}/g) ?? [];
    const row = { id: newUuid(), lookup, secretHash: await hashPassword(secret) };
    made.push({ shown: [lookup, ...groups].join('-'), row });
  }
  await replaceCodes(
    ctx.tx.db,
    staff.id,
    made.map(({ row }) => row),
    ctx.now,
  );
  return { staffId: staff.id, name: staff.name, codes: made.map(({ shown }) => shown) };
}

/**
 * Spends a printed code and starts a session of the person it was printed for. Every act of that session is tagged,
 * supervisors are told, and the use is reviewed like all emergency access.
 */
export async function signInByCode(
  ctx: Ctx,
  checkSecret: PasswordCheck,
  input: {
    readonly code: string;
    readonly reason: string;
    readonly minutes: number;
    readonly request: RequestFacts;
  },
): Promise<StartedSession & { readonly emergencyId: string }> {
  const { db } = ctx.tx;
  const code = normalised(input.code);
  const row = code === undefined ? undefined : await codeByLookup(db, code.lookup);
  // An unknown code costs as much as a known one.
  const guess = { credentialId: row?.id, storedHash: row?.secret_hash, password: code?.secret ?? '' };
  const right = await checkSecret(guess, ctx.now.getTime(), async () => {});
  if (right === 'busy') throw accessRefusal('http.overloaded');
  if (!right || row === undefined) throw controlRefusal('control.code-unknown');
  if (row.disabled_at !== null) throw accessRefusal('access.staff-disabled');
  if (!(await spendCode(db, row.id, ctx.now))) throw controlRefusal('control.code-unknown');
  const emergencyId = newUuid();
  await insertEmergency(db, {
    id: emergencyId,
    kind: 'sign-in',
    staffId: row.staff_id,
    reportId: null,
    reason: input.reason.trim(),
    openedAt: ctx.now,
    endsAt: new Date(ctx.now.getTime() + input.minutes * 60_000),
    reviewBy: reviewTime(ctx.now),
  });
  const session = await startSession(ctx, {
    person: { id: row.staff_id, name: row.name, roles: row.roles },
    method: 'emergency',
    minutes: input.minutes,
    request: input.request,
    emergencyId,
  });
  return { ...session, emergencyId };
}

function randomText(length: number): string {
  // 256 is a multiple of 32, so every letter is equally likely.
  return Array.from(newKeyBytes().subarray(0, length), (byte) =>
    alphabet.charAt(byte % alphabet.length),
  ).join('');
}

/** As somebody may have typed it: case, spaces, dashes, and the letters that the alphabet leaves out. */
function normalised(text: string): { readonly lookup: string; readonly secret: string } | undefined {
  const bare = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  if (!/^[0-9A-HJKMNP-TV-Z]{28}$/.test(bare)) return undefined;
  return { lookup: bare.slice(0, lookupLength), secret: bare.slice(lookupLength) };
}
