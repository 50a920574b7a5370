/**
 * The three kinds of trouble (see docs/errors.md). Expected bad data is none of these: it is a value, see
 * `defects.ts`. Everything that is neither a Refusal nor an IntegrityFault is a bug or an {@link Outage}.
 */

/** A person or a client doing what they may not, or what cannot be done now. Not retried; always audited. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** `stage.reason`, for example `intake.unknown-report`; every code stands in a `codes.ts` and in docs/errors.md. */
  readonly code: string;
  /** HTTP status that the code is answered with. */
  readonly status: number;
  /** Values that are safe to show to whoever asked: ids, limits, field names; never content or names. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    status: number,
    publicSentence: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(publicSentence);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** Evidence or the audit trail does not match its seal. Never retried; the item stops and a person is told. */
export class IntegrityFault extends Error {
  override readonly name = 'IntegrityFault';
  readonly subject: string;

  /** @param subject what does not match, as `kind:id`, without content */
  constructor(subject: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.subject = subject;
  }
}

/**
 * Something that the bureau stands on does not answer for now: the evidence store, the key service. The same request
 * or job may succeed a little later, so it is answered with 503 and retried.
 */
export class Outage extends Error {
  override readonly name = 'Outage';
}

/** One code of a stage: its HTTP status and the sentence that says what to do next. */
export interface RefusalCode {
  readonly status: number;
  readonly sentence: string;
}

/**
 * Gives the one function with which a stage refuses, typed by the stage's own table of codes.
 * The table is compared with docs/errors.md by a test.
 */
export function refusalsOf<Codes extends Readonly<Record<string, RefusalCode>>>(codes: Codes) {
  return (code: keyof Codes & string, details: Readonly<Record<string, unknown>> = {}): Refusal => {
    const entry = codes[code];
    if (entry === undefined) throw new Error(`no such refusal code: ${code}`);
    return new Refusal(code, entry.status, entry.sentence, details);
  };
}
