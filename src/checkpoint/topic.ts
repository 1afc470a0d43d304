/**
 * Has the subject changed? The words of a user's message are compared with those of the recent
 * conversation: the share of them, each counted once, that was met before, weighted by how lately. A
 * message of enough words of which hardly one was met begins another subject.
 *
 * Cheap on purpose: no model, no dictionary but a list of words that mean nothing; a few thousand
 * words are remembered, whatever the length of the session. Languages without spaces are compared
 * by pairs of characters. A message with few words ("yes, go on") never begins a subject.
 */

/** How the measure is read. */
export interface TopicSettings {
  /** A share of met words below this is another subject; 0 to 1. */
  readonly threshold: number;
  /** Fewer words than this never begin a subject. */
  readonly wordsMin: number;
}

/** Found on real conversations of agents. */
export const topicDefaults: TopicSettings = { threshold: 0.12, wordsMin: 7 };

/** What an older message still weighs for each message behind it. */
const decay = 0.94;
/** Words whose weight has fallen below this are forgotten. */
const weightMin = 0.05;
const wordsMax = 4000;
/** Of a long text only the beginning is looked at. */
const charactersMax = 4000;

/** The subject of one conversation. */
export class Topic {
  readonly #settings: TopicSettings;
  /** Weight by word. */
  #words = new Map<string, number>();
  #messages = 0;

  constructor(settings: TopicSettings = topicDefaults) {
    this.#settings = settings;
  }

  /** How much of a text was met before: 0 nothing, 1 all of it; null when it says too little. */
  familiarity(text: string): number | null {
    const words = wordsOf(text);
    if (words.size < this.#settings.wordsMin || this.#words.size === 0) return null;
    let met = 0;
    for (const word of words) met += Math.min(1, this.#words.get(word) ?? 0);
    return met / words.size;
  }

  /** True when a user's text begins another subject. It is remembered in any case. */
  isShift(text: string): boolean {
    const familiarity = this.familiarity(text);
    const shifts = familiarity !== null && familiarity < this.#settings.threshold;
    if (shifts) this.#words.clear();
    this.remember(text, 1);
    return shifts;
  }

  /** Something else that was said: what the agent answers belongs to the subject too. */
  remember(text: string, weight: number): void {
    this.#messages += 1;
    if (this.#messages % 8 === 0) this.#fade();
    for (const word of wordsOf(text)) {
      this.#words.set(word, Math.min(1, (this.#words.get(word) ?? 0) + weight));
    }
    if (this.#words.size > wordsMax) this.#fade();
  }

  #fade(): void {
    const faded = decay ** 8;
    let floor = weightMin;
    do {
      const kept = new Map<string, number>();
      for (const [word, weight] of this.#words) {
        if (weight * faded >= floor) kept.set(word, weight * faded);
      }
      this.#words = kept;
      floor *= 2;
    } while (this.#words.size > wordsMax);
  }
}

const pattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+|[\p{L}\p{N}]{3,}/gu;
const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

const empty = new Set(
  (
    'the and for are but not you all any can had her was one our out has him his how its may new now ' +
    'old see two way who did get let say she too use that this with have from they will would there ' +
    'their what about which when make like time just know take into your some could them other than ' +
    'then look only come over think also back after work first well even want because these give most ' +
    'please should need more does dont here where very much must been were being still while each ' +
    'why yes okay thanks thank sure lets try using used add file files code next good great right ' +
    'und der die das ist nicht ein eine mit für auf von den dem auch noch wie bitte kann les des une ' +
    'est pour que dans sur avec pas los las una por con para como este esta'
  ).split(' '),
);

/** The words of a text that mean something, each once. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const [found] of text.slice(0, charactersMax).toLowerCase().matchAll(pattern)) {
    if (unspaced.test(found)) {
      for (let at = 0; at + 1 < found.length; at += 1) words.add(found.slice(at, at + 2));
    } else if (!empty.has(found)) {
      words.add(stem(found));
    }
  }
  return words;
}

/** `tests`, `testing` and `tested` are one word, as far as a subject goes. */
function stem(word: string): string {
  const cut = word.replace(/(?:ing|ed|es|s|ly)$/, '');
  return cut.length >= 3 ? cut.slice(0, 8) : word;
}
