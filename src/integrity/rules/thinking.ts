/**
 * Signed thinking. Anthropic wants thinking back as it was, with its signature, and that of older
 * turns too where it is sent at all. A signature belongs to the model that thought. Gemini 3 wants
 * the signature of the first call of each step of the current turn, and looks at no turn that is
 * over.
 *
 * The latest turn is everything since the user last said something other than results.
 */
import { isToolUse } from '../../session/blocks.ts';
import type { ContentBlock } from '../../session/message.ts';
import { type Spot, keptMax } from './finding-log.ts';
import { type Rule, type RuleSetting, type Seen, quoted, speaks, spotOf } from './rule.ts';

/** Models that are remembered; a session knows a handful. */
const modelsMax = 100;

interface Thinker {
  readonly model: string;
  readonly first: Spot;
  blocks: number;
  /** The turn in which it thought last. */
  turn: number;
}

/** Unsigned thinking, and thinking of another model. */
export class ThinkingRule implements Rule {
  readonly #setting: RuleSetting;
  readonly #thinkers: Map<string, Thinker> = new Map();
  /** Unsigned thinking of this turn. */
  #unsigned: Spot[] = [];
  #turn = 0;
  /** Who wrote the last message of the assistant. */
  #model: string | null = null;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    const { speaker, message } = seen;
    if (speaker === 'user' && speaks(seen)) {
      this.#tell('an older');
      this.#turn += 1;
    }
    if (speaker !== 'assistant') return;
    const model = isModel(message.model) ? message.model : null;
    if (model !== null) this.#model = model;
    let index = -1;
    for (const block of message.content) {
      index += 1;
      if (this.#setting.profile === 'openai-responses') {
        this.#encrypted(block, spotOf(seen, index));
      }
      const signature = signatureOf(block);
      if (signature === undefined) continue;
      // OpenAI is sent no thinking of others.
      const { profile } = this.#setting;
      if (signature === null && profile !== 'openai-responses') {
        this.#unsigned.push(spotOf(seen, index));
      } else if (signature !== null && model !== null) this.#thought(model, spotOf(seen, index));
    }
    if (this.#unsigned.length > keptMax) this.#tell('the latest');
  }

  finish(): void {
    this.#tell('the latest');
    const now = this.#model;
    if (now === null) return;
    for (const [key, thinker] of this.#thinkers) {
      if (key === modelKey(now)) continue;
      const { blocks, model, first, turn } = thinker;
      const count = blocks === 1 ? 'A signed thinking block' : `${String(blocks)} thinking blocks`;
      this.#setting.log.add('FOREIGN_THINKING', first, {
        meaning: `${count} of ${quoted(model)}; the conversation goes on with ${quoted(now)}.`,
        fix: 'Leave thinking of another model out of what is sent.',
        ...(turn === this.#turn ? {} : { form: 'milder' }),
      });
    }
  }

  /** What OpenAI encrypted, reasoning or a compaction, is read in every turn. */
  #encrypted(block: ContentBlock, spot: Spot): void {
    const { encrypted_content: text } = block as { readonly encrypted_content?: unknown };
    if (typeof text !== 'string' || text === '' || isSignature(text)) return;
    this.#setting.log.add('UNSIGNED_THINKING', spot, {
      meaning: 'Bytes of the encrypted content of an item are lost, so that nobody can read it.',
      fix: 'Take the item out.',
    });
  }

  #thought(model: string, spot: Spot): void {
    const key = modelKey(model);
    const thinker = this.#thinkers.get(key);
    if (thinker !== undefined) {
      thinker.blocks += 1;
      thinker.turn = this.#turn;
    } else if (this.#thinkers.size < modelsMax) {
      this.#thinkers.set(key, { model, first: spot, blocks: 1, turn: this.#turn });
    }
  }

  #tell(turn: 'an older' | 'the latest'): void {
    for (const spot of this.#unsigned) {
      this.#setting.log.add('UNSIGNED_THINKING', spot, {
        meaning: `Thinking of ${turn} turn has no signature.`,
        fix: turn === 'an older' ? 'Leave it out.' : 'Leave it out, or send what it says as text.',
      });
    }
    this.#unsigned = [];
  }
}

/** Calls without the signature that Gemini 3 puts on them. */
export class ThoughtSignatureRule implements Rule {
  readonly #setting: RuleSetting;
  /** Unsigned first calls of the steps of this turn. */
  #missing: { readonly spot: Spot; readonly callId: string }[] = [];
  /** Whether this step has called already. */
  #called = false;
  /** Whether the loop goes on: the assistant has called, and not answered without calling. */
  #looping = false;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    const { speaker, message } = seen;
    if (speaker === 'user') {
      this.#called = false;
      if (speaks(seen)) this.#missing = [];
    }
    if (speaker !== 'assistant') return;
    this.#looping = this.#called;
    let index = -1;
    for (const block of message.content) {
      index += 1;
      if (!isToolUse(block)) continue;
      this.#looping = true;
      const signed = isSignature(block['thought_signature']);
      if (!signed && !this.#called && !isOlderGemini(message.model)) {
        this.#missing.push({ spot: spotOf(seen, index), callId: block.id });
      }
      this.#called = true;
    }
  }

  finish(): void {
    if (!this.#looping) return;
    for (const { spot, callId } of this.#missing) {
      this.#setting.log.add('MISSING_THOUGHT_SIGNATURE', spot, {
        callId,
        meaning: 'The first call of a step of the current turn has no thought signature.',
        fix: 'Send `skip_thought_signature_validator` as its signature.',
      });
    }
  }
}

/** The signature; null when it is missing, undefined for a block that has none to miss. */
function signatureOf(block: ContentBlock): string | null | undefined {
  if (block.type !== 'thinking' && block.type !== 'redacted_thinking') return undefined;
  const signature: unknown = block[block.type === 'thinking' ? 'signature' : 'data'];
  return isSignature(signature) ? signature : null;
}

/**
 * True for a text that may be a signature, or what a provider encrypted. U+FFFD stands for bytes
 * that are lost, and no provider writes it there.
 */
export function isSignature(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\uFFFD');
}

/** A name in angle brackets stands for what the tool itself wrote. */
function isModel(model: string | null): model is string {
  return model !== null && !model.startsWith('<');
}

/** The same model under its names of several providers and dates. */
export function modelKey(model: string): string {
  return model
    .toLowerCase()
    .replace(/^.*[/.](?=claude)/u, '')
    .replaceAll('.', '-')
    .replace(/[-@](?:20\d{6}|latest).*$/u, '')
    .replace(/-v\d+(?::\d+)?$/u, '');
}

/** Gemini before version 3 does not ask for signatures. */
export function isOlderGemini(model: string | null): boolean {
  return model !== null && /gemini-(?:1|2)\b/iu.test(model);
}
