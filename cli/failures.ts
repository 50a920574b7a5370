/** The command cannot be done now; the sentence says what to do next. Exit status 1. */
export class CannotDo extends Error {
  override readonly name = 'CannotDo';
}

/** The command was typed wrong. Exit status 2. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
