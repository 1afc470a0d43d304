/** What goes wrong with histories: each kind of damage by name, at a random place. */
import type { Prng } from '../../src/platform/sim/prng.ts';
import { image } from './valid-history.ts';
import type { HistoryMaker, LooseBlock, LooseMessage } from './valid-history.ts';

interface Spot {
  readonly message: LooseMessage;
  readonly block: LooseBlock;
}

/** Damages one history. */
export class Damage {
  readonly #prng: Prng;
  readonly #maker: HistoryMaker;
  readonly #messages: LooseMessage[];

  constructor(prng: Prng, maker: HistoryMaker, messages: LooseMessage[]) {
    this.#prng = prng;
    this.#maker = maker;
    this.#messages = messages;
  }

  /** Kinds that change which call a result seems to answer. */
  static readonly confusing: ReadonlySet<string> = new Set(['callId', 'resultId', 'borrowedId']);

  /** All kinds, by name. */
  readonly kinds: Readonly<Record<string, () => void>> = {
    removeBlock: () => {
      const { message, block } = this.#spot();
      message.content.splice(message.content.indexOf(block), 1);
    },
    removeMessage: () => this.#messages.splice(this.#at(), 1 + this.#prng.below(2)),
    cutEnd: () => this.#messages.splice(this.#at()),
    cutHead: () => this.#messages.splice(0, this.#at()),
    moveBlock: () => {
      const { message, block } = this.#spot();
      message.content.splice(message.content.indexOf(block), 1);
      this.#put(this.#message(), block);
    },
    doubleBlock: () => this.#put(this.#message(), structuredClone(this.#spot().block)),
    doubleMessage: () => this.#insert(structuredClone(this.#message())),
    swapMessages: () => {
      const at = this.#at();
      this.#messages.splice(at, 2, ...this.#messages.slice(at, at + 2).toReversed());
    },
    role: () => {
      const roles = ['user', 'assistant', 'system', 'developer', 'tool', 'narrator'] as const;
      this.#message().role = this.#prng.pick(roles);
    },
    systemBetween: () => this.#insert({ role: 'system', content: [this.#maker.text()] }),
    emptyMessage: () =>
      this.#insert({ role: this.#prng.pick(['user', 'assistant', 'system']), content: [] }),
    emptied: () => this.#message().content.splice(0),
    blankText: () =>
      this.#put(this.#message(), {
        type: 'text',
        text: this.#prng.pick(['', ' ', '\n\t', undefined, 7]),
      }),
    blankInResult: () => {
      const result = this.#of('tool_result');
      if (Array.isArray(result?.['content'])) result['content'].push({ type: 'text', text: '' });
      else if (result) result['content'] = [{ type: 'text', text: ' ' }];
    },
    trailingSpace: () => {
      const last = this.#messages.at(-1)?.content.at(-1);
      if (typeof last?.['text'] === 'string') last['text'] += ' \n';
    },
    halfCharacter: () => this.#halve(),
    callId: () => {
      const ids = ['', 'a b', 'é', 'x'.repeat(70), '\ud800', undefined, 7, 'a_1', 'a'] as const;
      const call = this.#of('tool_use');
      const id = this.#prng.pick(ids);
      for (const block of this.#messages.flatMap(({ content }) => content)) {
        if (block['tool_use_id'] === call?.['id']) block['tool_use_id'] = id;
      }
      if (call) call['id'] = id;
    },
    resultId: () => {
      const result = this.#of('tool_result');
      if (result) result['tool_use_id'] = this.#prng.pick(['nobody', undefined, '']);
    },
    borrowedId: () => {
      const [one, other] = [this.#of('tool_use'), this.#of('tool_use')];
      if (one && other) one['id'] = other['id'];
    },
    doubledResult: () => {
      const result = this.#of('tool_result');
      if (!result) return;
      const content = this.#prng.pick([this.#maker.words.text(), 'aborted', '']);
      this.#put(this.#message(), { ...structuredClone(result), content });
    },
    placeholder: () => {
      const result = this.#of('tool_result');
      if (result) result['content'] = 'aborted';
    },
    toolName: () => {
      const names = [
        '',
        'a.b',
        '9lives',
        'x'.repeat(200),
        'ü',
        '\udfff',
        undefined,
        'a b',
      ] as const;
      const call = this.#of('tool_use');
      if (call) call['name'] = this.#prng.pick(names);
    },
    arguments: () => {
      const call = this.#of('tool_use');
      const inputs = [`{"half": "${this.#maker.words.word()}`, null, 7, [1], undefined] as const;
      if (call) call['input'] = this.#prng.pick<unknown>(inputs);
    },
    unsigned: () => {
      const thought = this.#of('thinking') ?? this.#of('redacted_thinking');
      if (thought) delete thought[thought.type === 'thinking' ? 'signature' : 'data'];
    },
    strayThought: () =>
      this.#put(this.#message(), {
        type: 'thinking',
        thinking: this.#prng.pick([this.#maker.words.text(), '']),
        ...(this.#prng.chance(0.5) ? { signature: 'c2ln' } : {}),
      }),
    itemId: () => {
      const [one, other] = [this.#of('reasoning'), this.#of('reasoning')];
      if (one && other) one['id'] = other['id'];
    },
    strayServerTool: () => {
      const id = this.#prng.pick(['srv_1', 'srv_2']);
      const query = this.#maker.words.word();
      this.#put(
        this.#message(),
        this.#prng.chance(0.5)
          ? { type: 'server_tool_use', id, name: 'web_search', input: { query } }
          : { type: 'web_search_tool_result', tool_use_id: id, content: query },
      );
    },
    unknownBlock: () =>
      this.#put(this.#message(), { type: 'hologram', beam: this.#maker.words.word() }),
    bareValue: () =>
      this.#put(this.#message(), {
        type: 'unknown',
        value: this.#prng.pick([null, 5, {}, this.#maker.words.word(), { beam: 1 }]),
      }),
    manyImages: () => {
      const count = this.#prng.chance(0.1) ? 101 : 7;
      this.#put(this.#message(), ...Array.from({ length: count }, image));
    },
  };

  #halve(): void {
    const { block } = this.#spot();
    const names = Object.keys(block).filter(
      (name) => name !== 'type' && typeof block[name] === 'string',
    );
    const [first = 'note'] = names;
    const name = this.#prng.chance(0.2) ? 'x\ud83d' : this.#prng.pick([first, ...names]);
    block[name] = `${typeof block[name] === 'string' ? block[name] : ''}\ude00`;
    const nested = block['input'];
    if (typeof nested !== 'object' || nested === null || Array.isArray(nested)) return;
    if (this.#prng.chance(0.5)) Object.assign(nested, { 'k\ud800': ['\ud800'] });
  }

  #at(): number {
    return this.#prng.below(Math.max(1, this.#messages.length));
  }

  #message(): LooseMessage {
    return this.#messages[this.#at()] ?? { role: 'user', content: [] };
  }

  #insert(message: LooseMessage): void {
    this.#messages.splice(this.#prng.below(this.#messages.length + 1), 0, message);
  }

  #put(message: LooseMessage, ...blocks: LooseBlock[]): void {
    message.content.splice(this.#prng.below(message.content.length + 1), 0, ...blocks);
  }

  #spot(): Spot {
    const spots = this.#messages.flatMap((message) =>
      message.content.map((block) => ({ message, block })),
    );
    const block = { type: 'text', text: 'nothing' };
    return (
      spots[this.#prng.below(Math.max(1, spots.length))] ?? {
        message: { role: 'user', content: [block] },
        block,
      }
    );
  }

  #of(type: string): LooseBlock | undefined {
    const blocks = this.#messages.flatMap(({ content }) => content);
    const fitting = blocks.filter((block) => block.type === type);
    return fitting[this.#prng.below(Math.max(1, fitting.length))];
  }
}
