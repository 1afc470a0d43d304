/** Parts of opencode whose message is gone, and those that an undo of the tool leaves behind. */
import { describe, expect, it } from 'vitest';
import { lostInFolder } from '../../../src/transcript/opencode/lost-parts.ts';
import type { KeptMessage, LostMessage } from '../../../src/transcript/opencode/lost-parts.ts';

const user = (id: string): KeptMessage => ({ id, role: 'user' });
const assistant = (id: string): KeptMessage => ({ id, role: 'assistant' });
const lost = (id: string, ...types: readonly string[]): LostMessage => ({
  id,
  parts: types.map((type, index) => ({ id: `prt_${id}_${index}`, value: { type } })),
});
const told = (gone: readonly LostMessage[], kept: readonly KeptMessage[]): readonly string[] =>
  lostInFolder(gone, kept).map(({ severity, place }) => `${severity} ${place?.id ?? ''}`);

describe('lostInFolder', () => {
  it('tells parts that say something as errors, and those that keep books as warnings', () => {
    const gone = lost('msg_2', 'step-start', 'text', 'tool', 'step-finish');
    expect(told([gone], [user('msg_1')])).toEqual([
      'warning prt_msg_2_0',
      'error prt_msg_2_1',
      'error prt_msg_2_2',
      'warning prt_msg_2_3',
    ]);
  });

  it('tells a part that cannot be read as an error', () => {
    const gone = { id: 'msg_2', parts: [{ id: 'prt_1', value: null }] };
    expect(told([gone], [user('msg_1')])).toEqual(['error prt_1']);
  });

  it('takes a turn that an undo took back for no loss: the tool leaves its parts', () => {
    const gone = [lost('msg_3', 'text'), lost('msg_4', 'step-start', 'text', 'step-finish')];
    const kept = [user('msg_1'), assistant('msg_2'), user('msg_5'), assistant('msg_6')];
    expect(told(gone, kept)).toEqual(['note prt_msg_3_0', 'note prt_msg_4_0']);
  });

  it.each([
    ['an answer alone', [lost('msg_2', 'step-start', 'text')], [user('msg_1'), user('msg_3')]],
    ['an answer of text alone', [lost('msg_2', 'text')], [user('msg_1'), user('msg_3')]],
    ['a prompt whose answer is there', [lost('msg_1', 'text')], [assistant('msg_2')]],
    ['a turn at the end', [lost('msg_3', 'text')], [user('msg_1'), assistant('msg_2')]],
    ['messages whose ids tell no order', [lost('a', 'text')], [user('b')]],
  ])('takes %s for a loss', (_, gone, kept) => {
    const severities = lostInFolder(gone, kept).map(({ severity }) => severity);
    expect(severities).toContain('error');
    expect(severities).not.toContain('note');
  });
});
