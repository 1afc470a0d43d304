/** What the types of a conversation promise. The expectations hold when the file compiles. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Session } from '../../src/store/api.ts';
import type {
  ContentBlock,
  Message,
  NewMessage,
  ToolResultBlock,
} from '../../src/session/message.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

/** What a block is about, by the type of its fields after asking for its `type`. */
function about(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      expectTypeOf(block.text).toEqualTypeOf<string>();
      return block.text;
    case 'thinking':
      expectTypeOf(block.thinking).toEqualTypeOf<string>();
      expectTypeOf(block.signature).toEqualTypeOf<string | undefined>();
      return block.thinking;
    case 'tool_use':
      expectTypeOf(block.id).toEqualTypeOf<string>();
      expectTypeOf(block.name).toEqualTypeOf<string>();
      return block.name;
    case 'tool_result':
      expectTypeOf(block.tool_use_id).toEqualTypeOf<string>();
      expectTypeOf(block.content).toEqualTypeOf<ToolResultBlock['content']>();
      expectTypeOf(block.is_error).toEqualTypeOf<boolean | undefined>();
      return block.tool_use_id;
    // A kind that is not known here can be asked for, and its fields are unknown.
    case 'citation':
      expectTypeOf(block['page']).toEqualTypeOf<unknown>();
      return String(block['page']);
    default:
      return block.type;
  }
}

const message = {
  role: 'assistant',
  content: [
    { type: 'text', text: 'words' },
    { type: 'tool_use', id: 'c1', name: 'read', input: {} },
    { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'document', source: 'd' }] },
    { type: 'citation', page: 7 },
    { type: 'unheard-of', text: 7 },
  ],
} satisfies NewMessage;

describe('ContentBlock', () => {
  it('ContentBlock narrows by its type, and blocks of any kind can be appended', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session: Session = await machine.run(store.createSession());
    await machine.run(session.append(message));
    const [found] = await machine.run(collect(session.messages()));
    const content = found?.message.content;
    expect(Array.isArray(content) ? content.map(about) : []).toEqual([
      'words',
      'read',
      'c1',
      '7',
      'unheard-of',
    ]);
    expect(content).toEqual(message.content);
  });

  it('Message that was read can be appended again, and refuses known blocks without fields', () => {
    expectTypeOf<Message>().toExtend<NewMessage>();
    expectTypeOf<Parameters<Session['append']>[0]>().toEqualTypeOf<NewMessage>();
    expectTypeOf<{ readonly type: 'text' }>().not.toExtend<ContentBlock>();
  });
});
