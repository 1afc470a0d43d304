/**
 * How much of a session stands in its page. A session may be larger than any browser bears; the
 * page is not. What is left out is told where it would stand, with how much it is. Pure.
 */

/** Bounds of a page. */
export interface PageLimits {
  /**
   * Messages that are shown; of a longer session those with findings, those around them, the first
   * ones and the newest.
   */
  readonly messages: number;
  /** Turns that are told one by one also when no message of them is shown. */
  readonly turns: number;
  /** Blocks of one message. */
  readonly blocks: number;
  /** Characters of one text of the conversation. */
  readonly text: number;
  /** Characters of one argument or result of a tool. */
  readonly tool: number;
  /** Characters of the conversation as a whole; once they are used up, texts are cut at 160. */
  readonly conversation: number;
  /** Findings in the list and at their places. */
  readonly findings: number;
  /** Edits of the plan. */
  readonly edits: number;
  /** Characters on either side of one edit. */
  readonly edit: number;
  /** Rows of any other list: files, sessions, restore points. */
  readonly rows: number;
}

/** With these a page stays below 30 MB, whatever the session; a usual one has well below 1 MB. */
export const pageLimits: PageLimits = {
  messages: 2000,
  turns: 4000,
  blocks: 40,
  text: 6000,
  tool: 2400,
  conversation: 6_000_000,
  findings: 1000,
  edits: 500,
  edit: 8000,
  rows: 500,
};

/** Characters that are left for the conversation; each text takes what it shows. */
export class Allowance {
  #left: number;

  constructor(characters: number) {
    this.#left = characters;
  }

  /** How long this text may be, of at most so many characters. */
  take(length: number, charactersMax: number): number {
    const granted = Math.min(length, this.#left > 0 ? charactersMax : Math.min(charactersMax, 160));
    this.#left -= granted;
    return granted;
  }
}
