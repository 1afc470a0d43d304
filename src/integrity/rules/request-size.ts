/**
 * How much a request of the whole history would be. Counted are the characters of its texts, each
 * of which is a byte or more, so that what is told is never too much; no text is written for it.
 */
import type { Spot } from './finding-log.ts';
import { type Rule, type RuleSetting, type Seen, spotOf } from './rule.ts';

/** The rule. */
export class RequestSizeRule implements Rule {
  readonly #setting: RuleSetting;
  #characters = 0;
  /** The first message beyond the bound. */
  #beyond: Spot | null = null;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    this.#characters += charactersIn(seen.message.content);
    const most = this.#setting.traits.requestBytesMax;
    if (most !== null && this.#characters > most) this.#beyond ??= spotOf(seen, null);
  }

  finish(): void {
    const { log, traits } = this.#setting;
    if (this.#beyond === null) return;
    const [size, most] = [this.#characters, traits.requestBytesMax ?? 0].map(
      (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`,
    );
    log.add('REQUEST_TOO_LARGE', this.#beyond, {
      meaning: `The history is ${size} or more; ${traits.title} takes requests of ${most}.`,
      fix: 'Go on from a summary, or leave old results and pictures out of what is sent.',
    });
  }
}

/** Values of a transcript may be nested as deeply as somebody likes, so this does not recurse. */
function charactersIn(value: unknown): number {
  const left: unknown[] = [value];
  let count = 0;
  while (left.length > 0) {
    const whole = left.pop();
    if (typeof whole === 'string') count += whole.length;
    if (typeof whole !== 'object' || whole === null || whole instanceof Uint8Array) continue;
    for (const part of Object.values(whole)) left.push(part);
  }
  return count;
}
