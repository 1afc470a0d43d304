/** Tasks of Cline read as the tool sends them, and edits are written back in its own words. */
import fc from '../../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { accepts } from '../../../src/integrity/acceptance/accepts.ts';
import { policyNames } from '../../../src/integrity/plan/edit.ts';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { cline } from '../../../src/transcript/cline/reader.ts';
import {
  editSeeds,
  edited,
  editsFrom,
  openBytes,
  runs,
  saidIn,
  spliced,
} from '../../helpers/transcript-lab.ts';

const word = fc.constantFrom('one', ' ', '', 'ünï "x"', '/help');
const id = fc.constantFrom('c1', 'c2');
const userBlock = fc.oneof(
  word.map((text): ContentBlock => ({ type: 'text', text })),
  id.map((call): ContentBlock => ({ type: 'tool_result', tool_use_id: call, content: 'done' })),
  fc.constant<ContentBlock>({ type: 'file', path: 'a', content: 'x' } as never),
);
const operation = fc.record({
  query: word,
  result: fc.oneof(word, fc.constant([{ type: 'text', text: 'x' }, { a: [1] }])),
  success: fc.boolean(),
});
const image = { type: 'image', data: 'AAAA', mediaType: 'image/png' };
const operations = fc.oneof(
  fc.array(operation, { minLength: 1, maxLength: 2 }),
  operation.map((each) => [{ type: 'text', text: 'x' }, each]),
  operation.map((each) => [{ ...each, result: ['seen', image] }]),
);
/** What the SDK keeps and no edit says. */
const keptBlock = fc
  .tuple(id, operations, fc.constantFrom({}, { is_error: true }))
  .map(([call, list, more]) => ({
    type: 'tool_result',
    tool_use_id: call,
    content: list,
    ...more,
  }));
const modelBlock = fc.oneof(
  word.map((text): ContentBlock => ({ type: 'text', text })),
  id.map((call): ContentBlock => ({ type: 'tool_use', id: call, name: 'read', input: { a: [1] } })),
  fc.constant<ContentBlock>({ type: 'thinking', thinking: 'hm', signature: 's' }),
);
const content = (block: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc.oneof(word, fc.array(block, { maxLength: 3 }));
const message = fc.oneof(
  fc.record({ role: fc.constant('user'), content: content(fc.oneof(userBlock, keptBlock)) }),
  fc.record({ role: fc.constant('assistant'), content: content(modelBlock) }),
);
const extra = fc.constantFrom<((n: number) => object)[]>(
  () => ({}),
  (n) => ({ ts: n }),
  (n) => ({ id: `m${n}`, ts: n }),
);
const style = fc.constantFrom<[number | string | undefined, string][]>(
  [undefined, '\n'],
  [2, '\n'],
  ['\t', '\n'],
  [4, '\r\n'],
);
const file = fc
  .tuple(fc.array(message, { maxLength: 6 }), extra, style, fc.boolean())
  .map(([messages, more, [indent, end], bare]) => {
    const list = messages.map((each, n) => ({ ...more(n), ...each }));
    const value = bare ? list : { version: 1, agent: 'lead', sessionId: 's', messages: list };
    return JSON.stringify(value, null, indent).replaceAll('\n', end);
  });

describe('cline writes', () => {
  it('exactly what the edits say, and leaves every other message as it is', () => {
    fc.assert(
      fc.property(file, editSeeds(userBlock, modelBlock), (bytes, seeds) => {
        const transcript = openBytes(cline, bytes);
        const before = saidIn(transcript);
        const edits = editsFrom(before, seeds);
        const after = spliced(bytes, transcript.write?.(edits) ?? []).toString();
        expect(saidIn(openBytes(cline, after))).toEqual(edited(before, edits));
        expect(after.includes('\r\n')).toBe(bytes.includes('\r\n'));
        if (edits.length === 0) expect(after).toBe(bytes);
      }),
      runs(600),
    );
  });

  it('a repair so that the provider accepts what is read, and a second one finds nothing', () => {
    fc.assert(
      fc.property(file, fc.constantFrom(...policyNames), (bytes, policy) => {
        const transcript = openBytes(cline, bytes);
        const { edits } = planRepair([...transcript.conversation()], 'anthropic', policy);
        const after = spliced(bytes, transcript.write?.(edits) ?? []);
        const again = [...openBytes(cline, after).conversation()];
        expect(accepts(again, 'anthropic')).toEqual([]);
        expect(planRepair(again, 'anthropic', policy).edits).toEqual([]);
      }),
      runs(300),
    );
  });

  it('a result behind its call with the indentation, ids and times of the neighbours', () => {
    const call = { type: 'tool_use', id: 'c1', name: 'read', input: {} };
    const messages = [
      { id: 'm1', role: 'user', content: 'go', ts: 5 },
      { id: 'm2', role: 'assistant', content: [call], ts: 6 },
    ];
    const bytes = JSON.stringify({ sessionId: 's', messages }, null, '\t');
    const result: ContentBlock = { type: 'tool_result', tool_use_id: 'c1', content: 'unknown' };
    const told = { reason: 'DANGLING_TOOL_CALL', told: 'A test.' } as const;
    const edit = { ...told, kind: 'insert-message', before: 2, role: 'user', content: [result] };
    const splices = openBytes(cline, bytes).write?.([edit as never]) ?? [];
    const added = { id: 'm2-added-1', role: 'user', content: [result], ts: 6 };
    const wanted = { sessionId: 's', messages: [...messages, added] };
    expect(spliced(bytes, splices).toString()).toBe(JSON.stringify(wanted, null, '\t'));
  });
});

describe('cline and the operations that a session of its SDK keeps', () => {
  const list = [{ query: 'a.txt:1-2', result: '1 | x', success: true }];
  const call = (own: string): object => ({ type: 'tool_use', id: own, name: 'read', input: {} });
  const result = (own: string): object => {
    return { type: 'tool_result', tool_use_id: own, name: 'read', content: list };
  };
  const session = (...contents: readonly (readonly object[])[]): string => {
    const messages = contents.map((blocks, n) => {
      return { id: `m${n}`, role: n % 2 === 0 ? 'user' : 'assistant', content: blocks, ts: n };
    });
    const head = { version: 1, updated_at: 't', agent: 'lead', sessionId: 's' };
    return JSON.stringify({ ...head, messages }, null, '\t');
  };
  const go = { type: 'text', text: 'Go' };
  const repaired = (bytes: string): { readonly edits: number; readonly after: string } => {
    const transcript = openBytes(cline, bytes);
    const { edits } = planRepair([...transcript.conversation()], 'anthropic', 'annotate');
    return {
      edits: edits.length,
      after: spliced(bytes, transcript.write?.(edits) ?? []).toString(),
    };
  };

  it('are sound, and read as the text that Cline sends', () => {
    const bytes = session([go], [call('c1')], [result('c1')]);
    expect(repaired(bytes)).toEqual({ edits: 0, after: bytes });
    const [block] = saidIn(openBytes(cline, bytes))[2]?.content ?? [];
    expect(block?.['content']).toEqual([{ type: 'text', text: JSON.stringify(list) }]);
  });

  it('stay a list beside an answer that is added, and where an id is changed', () => {
    const open = session([go], [call('c1'), call('c2')], [result('c1')]);
    const added = repaired(open);
    expect(added.edits).toBe(1);
    expect(added.after).toContain(`"content": ${listed(list)}`);
    const twice = session([go], [call('c1')], [result('c1')], [call('c1')], [result('c1')]);
    const renamed = repaired(twice);
    expect(renamed.edits).toBe(2);
    expect(renamed.after.split(`"content": ${listed(list)}`)).toHaveLength(3);
  });

  it('are no list that has other things in it, which the API would refuse', () => {
    const odd = { type: 'tool_result', tool_use_id: 'c1', content: [...list, { query: 1 }] };
    const bytes = session([go], [call('c1')], [odd]);
    expect(repaired(bytes).edits).toBeGreaterThan(0);
  });

  /** The list as it stands in the session. */
  function listed(value: object): string {
    return JSON.stringify(value, null, '\t').replaceAll('\n', `\n${'\t'.repeat(5)}`);
  }
});

describe('cline writes around a summary of Roo', () => {
  const hidden = { role: 'user', content: 'old', ts: 1, condenseParent: 's1' };
  const summary = { role: 'assistant', content: 'sum', ts: 2, isSummary: true, condenseId: 's1' };
  const bytes = JSON.stringify([hidden, summary, { role: 'user', content: 'new', ts: 3 }]);
  const told = { reason: 'LEADING_ASSISTANT', told: 'A test.' } as const;

  it('a message in front of it that is sent, and leaves hidden what the summary hid', () => {
    const content: ContentBlock[] = [{ type: 'text', text: 'first' }];
    const edit = { ...told, kind: 'insert-message', before: 0, role: 'user', content } as const;
    const after = spliced(bytes, openBytes(cline, bytes).write?.([edit]) ?? []);
    const words = saidIn(openBytes(cline, after)).map(({ content: [block] }) => block?.['text']);
    expect(words).toEqual(['first', 'sum', 'new']);
  });

  it('nothing that would bring back what the summary hid', () => {
    const { write } = openBytes(cline, bytes);
    const removal = { ...told, kind: 'remove-message', message: 0 } as const;
    expect(() => write?.([removal])).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});

describe('cline reads', () => {
  const text = (role: string, content: string, more: object = {}): object => ({
    role,
    content,
    ts: 1,
    ...more,
  });
  const words = (list: readonly object[]): unknown[] =>
    saidIn(openBytes(cline, JSON.stringify(list))).map(({ content: [block] }) => block?.['text']);

  it('nothing in front of the last summary of Roo', () => {
    const list = [
      text('user', 'a', { condenseParent: 's1' }),
      text('assistant', 'b', { condenseParent: 's1' }),
      text('user', 'sum', { isSummary: true, condenseId: 's1' }),
      text('assistant', 'c'),
    ];
    expect(words(list)).toEqual(['sum', 'c']);
    expect(openBytes(cline, JSON.stringify(list)).sides).toEqual([
      { kind: 'compacted', id: null, messages: 2 },
    ]);
  });

  it('what was cut, as long as the mark of the cut is there', () => {
    const cut = text('user', 'a', { truncationParent: 't1' });
    const mark = text('user', 'mark', { isTruncationMarker: true, truncationId: 't1' });
    expect(words([cut, mark, text('assistant', 'b')])).toEqual(['mark', 'b']);
    expect(words([cut, text('assistant', 'b')])).toEqual(['a', 'b']);
  });

  it('what stands in front of a tear, and mends the file to that', () => {
    const whole = JSON.stringify([text('user', 'a'), text('assistant', 'b')], null, 2);
    const torn = whole.slice(0, whole.lastIndexOf('"b"'));
    const transcript = openBytes(cline, torn);
    expect(saidIn(transcript).map(({ role }) => role)).toEqual(['user']);
    expect(transcript.findings.map(({ code }) => code)).toEqual(['TORN_RECORD']);
    const mended = spliced(torn, transcript.mends);
    expect(JSON.parse(mended.toString())).toEqual([text('user', 'a')]);
  });

  it('is sure of its own lists, and leaves plain ones of the API alone', () => {
    expect(cline.recognise([[text('user', 'a')]])).toBeGreaterThan(0.5);
    expect(cline.recognise([[{ role: 'user', content: '<task>\nx' }]])).toBeGreaterThan(0.5);
    expect(cline.recognise([[{ role: 'user', content: 'x' }]])).toBe(0);
    expect(cline.recognise([{ role: 'user', content: 'x' }])).toBe(0);
  });
});
