/**
 * The rules of a provider over a conversation while its file is read. Only where the reader heard
 * in advance what the conversation is does this save reading it once more.
 */
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import { ConversationChecker } from '../../integrity/rules/check.ts';
import type { CheckOptions, ConversationCheck } from '../../integrity/rules/check.ts';
import type { EarlyListener, Transcript } from '../../transcript/transcript.ts';

/** A transcript on a disk goes on with a message of the user. */
export const checkOptions: CheckOptions = { end: 'resumed' };

/** Checks what it hears. */
export class EarlyCheck implements EarlyListener {
  readonly #profile: ProfileName | null;
  #checker: ConversationChecker | null = null;

  /** Null takes the profile of the tool that wrote the file. */
  constructor(profile: ProfileName | null) {
    this.#profile = profile;
  }

  begin(profile: ProfileName): void {
    this.#checker = new ConversationChecker(this.#profile ?? profile, checkOptions);
  }

  hear(message: PlacedMessage): void {
    this.#checker?.add(message);
  }

  /** Once: the check of the transcript; null when what was heard is not its conversation. */
  checkOf({ heard }: Transcript): ConversationCheck | null {
    return heard === true ? (this.#checker?.finish() ?? null) : null;
  }
}
