import { hash, verify } from '@node-rs/argon2';
import { hmacOf, newToken, processSecret } from '#platform/random';

/**
 * argon2id with 19 MiB, two passes, one lane: the first of the settings that OWASP's Password Storage Cheat Sheet
 * (2024) gives for argon2id. The library's default algorithm is argon2id.
 */
const cost = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

/** At most so many verifications at once and so many waiting; a flood of guesses must not starve intake. */
const concurrent = 2;
const waitingLimit = 64;

/** How long a verified credential is remembered, so that a busy service pays for argon2id once in ten minutes. */
const rememberMs = 10 * 60 * 1000;
const rememberedLimit = 10_000;

export async function hashPassword(password: string): Promise<string> {
  return await hash(password, cost);
}

/**
 * Checks passwords of services. Remembers under a keyed digest only, in memory only; whether the credential is
 * still valid is read from the database every time, so suspension and rotation act at once.
 */
export function createPasswordCheck() {
  const remembered = new Map<string, number>();
  const secret = processSecret();
  const queue: (() => void)[] = [];
  let running = 0;
  const decoy = hashPassword(newToken());

  async function slot<T>(work: () => Promise<T>): Promise<T | 'busy'> {
    if (running >= concurrent) {
      if (queue.length >= waitingLimit) return 'busy';
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      queue.shift()?.();
    }
  }

  /**
   * @param guess `storedHash` is undefined for an unknown user name, which costs as much as a known one
   * @param beforeGuess asked before argon2id runs, so never for a password that was right a moment ago; throws to refuse
   */
  return async function check(
    guess: {
      readonly credentialId: string | undefined;
      readonly storedHash: string | undefined;
      readonly password: string;
    },
    nowMs: number,
    beforeGuess: () => Promise<void>,
  ): Promise<boolean | 'busy'> {
    const { credentialId, storedHash, password } = guess;
    const key = hmacOf(secret, `${credentialId ?? ''}\u0000${storedHash ?? ''}\u0000${password}`);
    const at = remembered.get(key);
    if (at !== undefined && nowMs - at < rememberMs && nowMs >= at) return true;
    await beforeGuess();
    const right = await slot(async () => await verify(storedHash ?? (await decoy), password));
    if (right === 'busy') return 'busy';
    if (!right || storedHash === undefined) return false;
    if (remembered.size >= rememberedLimit) remembered.clear();
    remembered.set(key, nowMs);
    return true;
  };
}

export type PasswordCheck = ReturnType<typeof createPasswordCheck>;
