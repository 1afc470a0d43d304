/**
 * Calls of Gemini that have no id, by the names of their functions. An id is optional in its
 * interface, and its tool writes one on responses alone: a response that names no call by its id
 * belongs to the first call without one that has its name and that none has taken. Both are shown
 * under one id, that of the response, else a made one; the bytes stay what they are.
 */
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { Edit } from '../../integrity/plan/edit.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asText } from '../json-value.ts';
import type { Transcript } from '../transcript.ts';

/** The same transcript, with an id on every call. */
export function withPairedCalls(transcript: Transcript): Transcript {
  const { write } = transcript;
  return {
    ...transcript,
    conversation: () => pairedCalls(transcript.conversation()),
    write: write === null ? null : (edits) => write(inOwnWords(transcript, edits)),
  };
}

/** The edits as the file says it: no id where it has none, and the function's name. */
function inOwnWords(transcript: Transcript, edits: readonly Edit[]): readonly Edit[] {
  const names = new Map<unknown, unknown>();
  const bare = new Set<unknown>();
  const written = new Set<unknown>();
  const shown = pairedCalls(transcript.conversation());
  for (const { content } of transcript.conversation()) {
    const paired = shown.next();
    for (const [at, block] of content.entries()) {
      written.add(block['id']).add(block['tool_use_id']);
      if (block.type !== 'tool_use' || paired.done === true) continue;
      const id = paired.value.content[at]?.['id'];
      names.set(id, block['name']);
      if (id !== block['id']) bare.add(id);
    }
  }
  for (const edit of edits) {
    for (const block of 'content' in edit ? [edit.content].flat() : []) {
      if (block.type === 'tool_use') names.set(block['id'], block['name']);
    }
  }
  const own = (block: ContentBlock): ContentBlock => {
    const { id, tool_use_id: called } = block as Readonly<Record<string, unknown>>;
    if (block.type === 'tool_use') return bare.has(id) ? withMember(block, 'id', '') : block;
    if (block.type !== 'tool_result' || !names.has(called)) return block;
    const isNamed = typeof block['name'] === 'string';
    const named = isNamed ? block : withMember(block, 'name', names.get(called));
    const isMade = bare.has(called) && !written.has(called);
    return isMade ? withMember(named, 'tool_use_id', '') : named;
  };
  return edits.map((edit): Edit => {
    if (edit.kind === 'insert-message') return { ...edit, content: edit.content.map(own) };
    return 'content' in edit ? { ...edit, content: own(edit.content) } : edit;
  });
}

function withMember(block: ContentBlock, name: string, value: unknown): ContentBlock {
  return { ...block, [name]: value } as ContentBlock;
}

/** A call of the turn at hand. */
interface Call {
  /** Null while it has none, which says too that no response has it. */
  id: string | null;
  readonly name: string;
}

/** A message of the turn at hand; calls stand where their blocks do. */
interface Held {
  readonly message: PlacedMessage;
  readonly calls: ReadonlyMap<number, Call>;
}

/** One turn of the model and what is said behind it. */
interface Exchange {
  readonly held: Held[];
  readonly calls: Call[];
  /** The ids of its calls. */
  readonly known: Set<string>;
  /** Calls that have the id of their response, or a made one. */
  readonly adopted: Map<string, Call>;
  /** Ids of responses that belong to no call. */
  readonly strays: Set<string>;
  /** Ids that cannot be those of a response without one: answered, or of more than one call. */
  readonly taken: Set<string>;
  /** Whether somebody answered already: the next word of the model begins another one. */
  isAnswered: boolean;
}

/** Messages whose calls and results have ids; all others go through as they are. */
export function* pairedCalls(messages: Iterable<PlacedMessage>): Generator<PlacedMessage, void> {
  const names = new Names();
  let exchange = begun();
  for (const message of messages) {
    if (message.role === 'assistant') {
      if (exchange.isAnswered) {
        yield* told(exchange, names);
        exchange = begun();
      }
      hold(exchange, message, names);
      continue;
    }
    exchange.isAnswered = true;
    for (const { type, tool_use_id: id } of message.content as readonly JsonObject[]) {
      if (type === 'tool_result' && typeof id === 'string') exchange.taken.add(id);
    }
    if (message.content.every(({ type }) => type !== 'tool_result') && isNamed(exchange)) {
      yield* told(exchange, names);
      exchange.held.length = 0;
      yield message;
    } else {
      const content = message.content.map((block) => answered(block, exchange, names));
      exchange.held.push({ message: { ...message, content }, calls: new Map() });
    }
  }
  yield* told(exchange, names);
}

function begun(): Exchange {
  return {
    held: [],
    calls: [],
    known: new Set(),
    adopted: new Map(),
    strays: new Set(),
    taken: new Set(),
    isAnswered: false,
  };
}

function isNamed({ calls }: Exchange): boolean {
  return calls.every(({ id }) => id !== null);
}

function hold({ held, calls, known, taken }: Exchange, message: PlacedMessage, names: Names): void {
  const own = new Map<number, Call>();
  for (const [at, block] of message.content.entries()) {
    if (block.type !== 'tool_use') continue;
    const id = asText(block['id']) ?? '';
    const call = { id: id === '' ? null : id, name: asText(block['name']) ?? '' };
    own.set(at, call);
    calls.push(call);
    if (call.id === null) continue;
    if (known.has(call.id)) taken.add(call.id);
    known.add(call.id);
    names.see(call.id);
  }
  held.push({ message, calls: own });
}

/** The block under the id of the call that it answers. */
function answered(block: ContentBlock, exchange: Exchange, names: Names): ContentBlock {
  if (block.type !== 'tool_result') return block;
  const { calls, known, adopted, strays, taken } = exchange;
  const id = asText(block['tool_use_id']) ?? '';
  const name = asText(block['name']);
  const isOf = (call: Call): boolean => name === null || plain(call.name) === plain(name);
  // Under the id that a call got from its response, one of another name is not its response.
  const owner = adopted.get(id);
  const isForeign = owner !== undefined && !isOf(owner);
  if (known.has(id) && !isForeign) return block;
  const call = calls.find((each) => each.id === null && isOf(each));
  if (call === undefined) {
    if (isForeign) return withMember(block, 'tool_use_id', names.made(name ?? ''));
    strays.add(id);
    return id === '' ? withFreeCall(block, exchange, isOf) : block;
  }
  call.id = id === '' || isForeign || strays.has(id) ? names.made(call.name) : id;
  names.see(call.id);
  known.add(call.id);
  taken.add(call.id);
  adopted.set(call.id, call);
  return call.id === id ? block : withMember(block, 'tool_use_id', call.id);
}

/** A response without an id belongs to a call that has one and no response of its own. */
function withFreeCall(
  block: ContentBlock,
  { calls, taken }: Exchange,
  isOf: (call: Call) => boolean,
): ContentBlock {
  for (const call of calls) {
    const { id } = call;
    if (id === null || taken.has(id) || !isOf(call)) continue;
    taken.add(id);
    return withMember(block, 'tool_use_id', id);
  }
  return block;
}

/** A name without what a plan mends in it: of a call it becomes one that Gemini takes. */
function plain(name: string): string {
  const clean = name
    .replaceAll(/[^a-zA-Z0-9_-]/gu, '_')
    .replace(/^_+/u, '')
    .slice(0, 100);
  return clean === '' ? 'unknown_tool' : clean;
}

function* told({ held }: Exchange, names: Names): Generator<PlacedMessage, void> {
  for (const { message, calls } of held) {
    if (calls.size === 0) {
      yield message;
      continue;
    }
    const content = message.content.map((block, at) => {
      const call = calls.get(at);
      if (call === undefined) return block;
      call.id ??= names.made(call.name);
      return call.id === block['id'] ? block : withMember(block, 'id', call.id);
    });
    yield { ...message, content };
  }
}

/** Ids that were seen, and new ones that nobody has. */
class Names {
  readonly #seen = new Set<string>();
  #made = 0;

  see(id: string): void {
    this.#seen.add(id);
  }

  /** Of characters that every provider takes. */
  made(name: string): string {
    const clean = name.replaceAll(/[^a-zA-Z0-9_-]/gu, '_').slice(0, 24);
    for (;;) {
      this.#made += 1;
      const id = `${clean === '' ? 'unknown' : clean}-call-${this.#made}`;
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      return id;
    }
  }
}
