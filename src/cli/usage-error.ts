/** A command line that cannot be carried out as it was written. Exits with 64. */

/** One line about what is wrong; how to get help is added where it is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command that was meant, as far as it was recognised. */
  readonly command: string | null;

  constructor(message: string, command: string | null = null) {
    super(message);
    this.command = command;
  }
}
