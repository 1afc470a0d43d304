/**
 * Context shifts: the user turns to another subject. The measure is how much of what the user says
 * now was spoken of lately:
 *
 *     familiarity = Σ weight(w) · 0.5^(age(w) / halfLife)  /  Σ weight(w)
 *
 * over the distinct words w of the user's text (see `topicWords`), where age(w) is how many
 * messages ago the word was last seen, in what the user or the model said or in what a tool was
 * asked to do. A word that was not seen within `memoryMessages` adds nothing. Below `threshold` the
 * subject has changed. Texts of few words never count ("go on", "and the tests?"), and neither does
 * anything before the conversation has words enough to be about something.
 *
 * State: at most `wordsMax` words with the number of the message that had them last. It follows
 * from the newest `memoryMessages` messages alone, so texts are not read when they come, but when
 * the user speaks: in the long runs of an agent between two words of its user, most are never read.
 */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown } from '../base/known-options.ts';
import { topicWords } from './topic-words.ts';

/** How a change of subject is told. */
export interface TopicSettings {
  /** From 0 (never) to 1; default 0.25. */
  readonly threshold?: number;
  /** Words that the user's text must have; default 5. Pairs of characters count half. */
  readonly wordsMin?: number;
  /** Words that the conversation must have had; default 20. */
  readonly wordsBefore?: number;
}

/** Messages that are remembered; what is older has no influence on anything. */
export const memoryMessages = 100;
/** Words that are remembered: the newest ones. */
const wordsMax = 4096;
/** Texts are put off only while together they are not longer, in UTF-16 code units. */
const unreadCharsMax = 262_144;
/** A word counts half after so many messages. */
const halfLifeMessages = 40;

/** What is taken for settings that are not given. */
export const topicDefaults: Required<TopicSettings> = {
  threshold: 0.25,
  wordsMin: 5,
  wordsBefore: 20,
};

/** The settings with their defaults. Throws INVALID. */
export function topicOf(given: TopicSettings = {}): Required<TopicSettings> {
  requireKnown(given, Object.keys(topicDefaults), 'watch for context shifts');
  const settings = { ...topicDefaults, ...given };
  for (const [name, value] of Object.entries(settings)) {
    const max = name === 'threshold' ? 1 : wordsMax;
    if (typeof value === 'number' && value >= 0 && value <= max) continue;
    const message = `Cannot watch for context shifts: "${name}" must be from 0 to ${max}`;
    throw new HoldfastError('INVALID', message, { path: `topic.${name}` });
  }
  return settings;
}

interface Spoken {
  readonly text: string;
  readonly message: number;
}

/** What the conversation was about lately. */
export class Topic {
  readonly #settings: Required<TopicSettings>;
  /** Word to the message that had it last; the oldest first. */
  readonly #seen = new Map<string, number>();
  /** Spoken of, and not read yet: the oldest first, from `#unreadFrom` on. */
  #unread: Spoken[] = [];
  #unreadFrom = 0;
  #unreadChars = 0;
  #newest: { readonly text: string; readonly words: ReadonlyMap<string, number> } | null = null;

  constructor(settings: TopicSettings = {}) {
    this.#settings = topicOf(settings);
  }

  /** Somebody spoke of this in the message with this number; numbers ascend. */
  spokenOf(text: string, message: number): void {
    this.#unread.push({ text, message });
    this.#unreadChars += text.length;
    this.#passOver(message);
    if (this.#unreadChars > unreadCharsMax) this.#read();
  }

  /**
   * How familiar a text is at the message with this number, from 0 to 1; 1 when there is too little
   * to tell.
   */
  familiarity(text: string, message: number): number {
    this.#passOver(message);
    this.#read();
    this.#forget(message);
    const words = this.#wordsOf(text);
    const weight = [...words.values()].reduce((sum, one) => sum + one, 0);
    const { wordsMin, wordsBefore } = this.#settings;
    if (weight < wordsMin || this.#seen.size < wordsBefore) return 1;
    let familiar = 0;
    for (const [word, one] of words) {
      const last = this.#seen.get(word);
      if (last !== undefined) familiar += one * 0.5 ** ((message - last) / halfLifeMessages);
    }
    return familiar / weight;
  }

  /** True when the text turns to another subject. Look before it is `spokenOf`. */
  isShift(text: string, message: number): boolean {
    return this.familiarity(text, message) < this.#settings.threshold;
  }

  /** What the user says is looked at twice: first asked about, then spoken of. */
  #wordsOf(text: string): ReadonlyMap<string, number> {
    if (this.#newest?.text !== text) this.#newest = { text, words: topicWords(text) };
    return this.#newest.words;
  }

  /** Of what is too old to be remembered nothing needs to be read. */
  #passOver(message: number): void {
    for (;;) {
      const oldest = this.#unread[this.#unreadFrom];
      if (oldest === undefined || message - oldest.message < memoryMessages) break;
      this.#unreadFrom += 1;
      this.#unreadChars -= oldest.text.length;
    }
    if (this.#unreadFrom <= memoryMessages) return;
    this.#unread = this.#unread.slice(this.#unreadFrom);
    this.#unreadFrom = 0;
  }

  #read(): void {
    for (const { text, message } of this.#unread.slice(this.#unreadFrom)) {
      for (const word of this.#wordsOf(text).keys()) {
        this.#seen.delete(word);
        this.#seen.set(word, message);
      }
      this.#forget(message);
    }
    this.#unread = [];
    this.#unreadFrom = 0;
    this.#unreadChars = 0;
  }

  #forget(message: number): void {
    for (const [word, last] of this.#seen) {
      if (this.#seen.size <= wordsMax && message - last < memoryMessages) break;
      this.#seen.delete(word);
    }
  }
}
