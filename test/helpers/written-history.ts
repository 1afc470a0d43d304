/** Conversations for tests, written as messages and placed by their numbers. */
import fc from './fast-check.ts';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { ContentBlock, NewBlock } from '../../src/session/message.ts';

/** A message as a test writes it. */
export interface Written {
  readonly role: string;
  readonly content: string | readonly NewBlock[];
  readonly model?: string;
}

/**
 * Messages with places: the record is the number of the message, and its id that number as text.
 */
export function placed(...messages: readonly Written[]): readonly PlacedMessage[] {
  return messages.map(({ role, content, model }, record) => {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const place = { record, offset: null, length: 0, line: null, id: String(record + 1) };
    return {
      role,
      content: blocks as readonly ContentBlock[],
      place,
      places: blocks.map(() => place),
      model: model ?? null,
    };
  });
}

/** A call. */
export const call = (id: string, input: unknown = {}, more: object = {}): NewBlock => ({
  type: 'tool_use',
  id,
  name: 'run',
  input,
  ...more,
});

/** Its result. */
export const result = (id: string, content: unknown = 'done', more: object = {}): NewBlock => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...more,
});

/** One pixel. */
export const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** A picture. */
export const image: NewBlock = {
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: pixel },
};

/** What a random turn is made of. */
interface RandomTurn {
  readonly asked: readonly NewBlock[];
  readonly steps: readonly RandomStep[];
  readonly answer: string;
}

interface RandomStep {
  readonly said: readonly NewBlock[];
  readonly calls: readonly { readonly input: object; readonly answer: object }[];
}

const words = fc.oneof(
  fc.constantFrom('Read the file.', 'é ✓ 你好 👩‍🚀', '{"a":1}', '<b>&amp;</b>', 'a\nb\tc'),
  fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => /\S\S*$/u.test(text)),
);
const text = words.map((told): NewBlock => ({ type: 'text', text: told }));
const thought = fc.oneof(
  words.map((thinking): NewBlock => ({ type: 'thinking', thinking, signature: 'c2ln' })),
  words.map((thinking): NewBlock => ({ type: 'thinking', thinking, thought_signature: 'c2ln' })),
  words.map((data): NewBlock => ({ type: 'redacted_thinking', data })),
  words.map((encrypted_content): NewBlock => ({ type: 'novelty', encrypted_content })),
);
const answer = fc.record(
  {
    content: fc.oneof(
      fc.constant(''),
      words,
      fc.array(fc.oneof(text, fc.constant(image)), { maxLength: 3 }),
    ),
    is_error: fc.boolean(),
  },
  { requiredKeys: [] },
);
const input = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
});
const step = fc.record({
  said: fc.array(text, { maxLength: 2 }),
  calls: fc.array(fc.record({ input, answer }), { minLength: 1, maxLength: 3 }),
});
const turn: fc.Arbitrary<RandomTurn> = fc.record({
  asked: fc.array(fc.oneof(text, text, fc.constant(image)), { minLength: 1, maxLength: 3 }),
  steps: fc.array(step, { maxLength: 3 }),
  answer: words,
});

/**
 * Random histories that every provider takes: some begin with a system prompt, calls are answered
 * in place, and everything that Gemini 3 asks a signature for has one.
 */
export const validHistory: fc.Arbitrary<readonly PlacedMessage[]> = fc
  .record({
    system: fc.option(words),
    turns: fc.array(fc.tuple(turn, fc.option(thought)), { minLength: 1, maxLength: 4 }),
  })
  .map(({ system, turns }) => {
    const messages: Written[] = system === null ? [] : [{ role: 'system', content: system }];
    let calls = 0;
    for (const [{ asked, steps, answer: told }, thinking] of turns) {
      messages.push({ role: 'user', content: asked });
      for (const { said, calls: made } of steps) {
        const first = calls;
        calls += made.length;
        const blocks = made.map((one, at) =>
          call(`call_${first + at}`, one.input, { thought_signature: 'c2ln' }),
        );
        messages.push({
          role: 'assistant',
          content: [...(thinking === null ? [] : [thinking]), ...said, ...blocks],
          model: 'a-model',
        });
        const results = made.map((one, at) => ({
          type: 'tool_result',
          tool_use_id: `call_${first + at}`,
          ...one.answer,
        }));
        messages.push({ role: 'user', content: results });
      }
      messages.push({ role: 'assistant', content: told.trimEnd(), model: 'a-model' });
    }
    return placed(...messages);
  });

/** One way to break a history; numbers are taken modulo what is there. */
const damage = fc.record({
  how: fc.constantFrom(
    'drop message',
    'drop block',
    'double block',
    'swap messages',
    'move block',
    'empty text',
    'half character',
    'foreign id',
    'same ids',
    'text arguments',
    'unsigned',
    'no content',
    'system',
    'role',
  ),
  message: fc.nat(),
  block: fc.nat(),
});

/** Random histories that something has happened to: most providers refuse most of them. */
export const damagedHistory: fc.Arbitrary<readonly PlacedMessage[]> = fc
  .tuple(validHistory, fc.array(damage, { minLength: 1, maxLength: 6 }))
  .map(([history, damages]) => damages.reduce(damaged, history));

type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

function damaged(history: readonly PlacedMessage[], wound: Damage): readonly PlacedMessage[] {
  const at = history.length === 0 ? 0 : wound.message % history.length;
  const message = history[at];
  if (message === undefined) return history;
  const block = message.content.length === 0 ? 0 : wound.block % message.content.length;
  const other = history[wound.block % history.length] ?? message;
  const withContent = (content: readonly NewBlock[]): PlacedMessage => ({
    ...message,
    content: content as readonly ContentBlock[],
    places: content.map(() => message.place),
  });
  const patched = (patch: object): readonly PlacedMessage[] =>
    history.with(
      at,
      withContent(
        message.content.map((old, index) => (index === block ? { ...old, ...patch } : old)),
      ),
    );
  switch (wound.how) {
    case 'drop message':
      return history.toSpliced(at, 1);
    case 'drop block':
      return history.with(at, withContent(message.content.toSpliced(block, 1)));
    case 'double block':
      return history.with(
        at,
        withContent(
          message.content.flatMap((old, index) => (index === block ? [old, old] : [old])),
        ),
      );
    case 'swap messages':
      return history.with(at, other).with(wound.block % history.length, message);
    case 'move block': {
      const moved = message.content[block];
      if (moved === undefined) return history;
      return history
        .with(at, withContent(message.content.toSpliced(block, 1)))
        .with(wound.block % history.length, {
          ...other,
          content: [...other.content, moved],
          places: [...other.places, other.place],
        });
    }
    case 'empty text':
      return history.with(at, withContent([...message.content, { type: 'text', text: ' ' }]));
    case 'half character':
      return patched({ text: 'half \ud83d', content: 'half \ud83d' });
    case 'foreign id':
      return patched({ id: 'toolu:01/é'.repeat(1 + (wound.block % 9)) });
    case 'same ids':
      return patched({ id: 'call_0', tool_use_id: 'call_0' });
    case 'text arguments':
      return patched({ input: '{"a":' });
    case 'unsigned':
      return patched({ signature: undefined, thought_signature: undefined });
    case 'no content':
      return history.with(at, withContent([]));
    case 'system':
      return history.toSpliced(at, 0, ...placed({ role: 'system', content: 'Mind this.' }));
    case 'role':
      return history.with(at, { ...message, role: wound.block % 2 === 0 ? 'critic' : 'user' });
    default:
      return wound.how satisfies never;
  }
}
