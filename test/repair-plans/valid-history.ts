/**
 * Histories as agents make them: prompts, thoughts, calls in parallel, results, answers. What is made
 * here is taken by most profiles as it is; `damage.ts` makes it wrong. Every text holds a word of its
 * own (`w17`), so that a test can follow what becomes of it.
 */
import type { Prng } from '../../src/platform/sim/prng.ts';

/** A block that a test may change. */
export type LooseBlock = { type: string; [field: string]: unknown };

/** A message that a test may change. */
export interface LooseMessage {
  role: string;
  content: LooseBlock[];
}

/** A source of words that come once. */
export class Words {
  #next = 0;

  /** The next word, in a short text. */
  text(): string {
    return `say ${this.word()} now`;
  }

  word(): string {
    this.#next += 1;
    return `w${this.#next}`;
  }
}

/** How the runtime of a history numbers its calls. */
export type IdStyle = 'anthropic' | 'openai' | 'nine' | 'per-turn' | 'long';

const styles = ['anthropic', 'openai', 'nine', 'per-turn', 'long'] as const;

/** Makes histories that have nothing wrong with them. */
export class HistoryMaker {
  readonly #prng: Prng;
  readonly words: Words = new Words();
  readonly style: IdStyle;
  readonly #thinks: 'anthropic' | 'openai' | 'never';
  readonly #splits: boolean;
  #calls = 0;
  #callsOfTurn = 0;

  constructor(prng: Prng) {
    this.#prng = prng;
    this.style = prng.pick(styles);
    this.#thinks = prng.pick(['anthropic', 'openai', 'never']);
    this.#splits = prng.chance(0.4);
  }

  history(): LooseMessage[] {
    const prng = this.#prng;
    const messages: LooseMessage[] = [];
    if (prng.chance(0.2)) messages.push({ role: 'system', content: [this.text()] });
    const turns = 1 + prng.below(4);
    for (let turn = 0; turn < turns; turn += 1) messages.push(...this.#turn());
    return messages;
  }

  text(): LooseBlock {
    return { type: 'text', text: this.words.text() };
  }

  #turn(): LooseMessage[] {
    const prng = this.#prng;
    this.#callsOfTurn = 0;
    const prompt: LooseBlock[] = [this.text()];
    if (prng.chance(0.15)) prompt.push(image());
    const messages: LooseMessage[] = [{ role: 'user', content: prompt }];
    const steps = prng.below(4);
    for (let step = 0; step < steps; step += 1) messages.push(...this.#step());
    if (prng.chance(0.85)) messages.push(...this.#split(this.#answer()));
    return messages;
  }

  #answer(): LooseMessage {
    const content = [...this.#thoughts(), this.text()];
    if (this.#prng.chance(0.1)) content.splice(-1, 0, ...this.#serverTool());
    return { role: 'assistant', content };
  }

  #step(): LooseMessage[] {
    const prng = this.#prng;
    const calls = Array.from({ length: 1 + prng.below(3) }, () => this.#call());
    if (prng.chance(0.6) && calls[0]) calls[0]['thought_signature'] = 'c2lnbmVk';
    const lead = [...this.#thoughts(), ...(prng.chance(0.4) ? [this.text()] : [])];
    const asked = this.#split({ role: 'assistant', content: [...lead, ...calls] });
    const results = calls.map((call) => this.result(call));
    if (prng.chance(0.2)) results.reverse();
    const extra = prng.chance(0.1) ? [this.text()] : [];
    return [...asked, ...this.#split({ role: 'user', content: [...results, ...extra] })];
  }

  #thoughts(): LooseBlock[] {
    if (this.#thinks === 'never' || this.#prng.chance(0.4)) return [];
    if (this.#thinks === 'openai') {
      const word = this.words.word();
      const summary = [{ type: 'summary_text', text: word }];
      return [{ type: 'reasoning', id: `rs_${word}`, summary, encrypted_content: 'ZW5j' }];
    }
    if (this.#prng.chance(0.15)) return [{ type: 'redacted_thinking', data: 'cmVk' }];
    return [{ type: 'thinking', thinking: this.words.text(), signature: 'c2ln' }];
  }

  #serverTool(): LooseBlock[] {
    const id = `srvtoolu_${this.words.word()}`;
    const content = [{ type: 'web_search_result', title: this.words.word() }];
    return [
      { type: 'server_tool_use', id, name: 'web_search', input: { query: this.words.word() } },
      { type: 'web_search_tool_result', tool_use_id: id, content },
    ];
  }

  /** The word of a call comes again in its result, as `result-of-w17`. */
  #call(): LooseBlock {
    const name = this.#prng.pick(['read_file', 'bash', 'mcp__git__log']);
    this.#calls += 1;
    this.#callsOfTurn += 1;
    return { type: 'tool_use', id: this.#id(), name, input: { path: this.words.word() } };
  }

  #id(): string {
    const number = String(this.#calls);
    switch (this.style) {
      case 'anthropic':
        return `toolu_${number.padStart(4, '0')}`;
      case 'openai':
        return `call_${number}`;
      case 'nine':
        return `c${number.padStart(8, '0')}`;
      case 'per-turn':
        return `call_${this.#callsOfTurn}`;
      case 'long':
        return `call_${'x'.repeat(50)}_${number}`;
      default:
        return number;
    }
  }

  result(call: LooseBlock): LooseBlock {
    const { path } = call['input'] as { path?: string };
    const text = `result-of-${path} ${this.words.text()}`;
    const content = this.#prng.chance(0.5) ? text : [{ type: 'text', text }];
    if (this.#prng.chance(0.1) && Array.isArray(content)) content.push(image() as never);
    return { type: 'tool_result', tool_use_id: call['id'], content };
  }

  #split(message: LooseMessage): LooseMessage[] {
    if (!this.#splits) return [message];
    return message.content.map((block) => ({ role: message.role, content: [block] }));
  }
}

/** A picture of one dot. */
export function image(): LooseBlock {
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aW1n' } };
}
