/** What Gemini CLI's own reader does with a session, and the smallest change that mends one. */
import { describe, expect, it } from 'vitest';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { gemini } from '../../../src/transcript/gemini-cli/reader.ts';
import { openBytes, saidIn, spliced } from '../../helpers/transcript-lab.ts';

const header = { sessionId: 's', projectHash: 'p', startTime: 't', lastUpdated: 't', kind: 'main' };
const ask = { id: 'u1', timestamp: 't', type: 'user', content: [{ text: 'go' }] };
const call = { id: 'c1', name: 'run', args: { n: 1.5 }, status: 'executing', timestamp: 't' };
const reading = { id: 'g1', timestamp: 't', type: 'gemini', content: 'ok', toolCalls: [call] };
const later = { id: 'u2', timestamp: 't', type: 'user', content: 'and?' };
const lines = (...values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

const told = { reason: 'DANGLING_TOOL_CALL', told: 'A test.' } as const;
const result: ContentBlock = {
  type: 'tool_result',
  tool_use_id: 'c1',
  content: 'Nobody knows.',
  is_error: true,
};
const answer: Edit = {
  ...told,
  kind: 'insert-message',
  before: 2,
  role: 'user',
  content: [result],
};

/** The file after edits. */
function written(bytes: string, edits: readonly Edit[]): string {
  return spliced(bytes, openBytes(gemini, bytes).write?.(edits) ?? []).toString();
}

describe('gemini writes', () => {
  const response = {
    functionResponse: { id: 'c1', name: 'run', response: { error: 'Nobody knows.' } },
  };

  it('a result into the record of its call, and touches no other line', () => {
    const before = lines(header, ask, reading, later);
    const after = written(before, [answer]).split('\n');
    const mended = { ...reading, toolCalls: [{ ...call, status: 'error', result: [response] }] };
    expect(JSON.parse(after[2] ?? '')).toEqual(mended);
    expect(after.toSpliced(2, 1)).toEqual(before.split('\n').toSpliced(2, 1));
  });

  it('the last of the lines that a record was written to, and takes all of them away', () => {
    const before = lines(header, ask, reading, later, { ...reading, content: 'better' });
    const after = written(before, [answer]).split('\n');
    expect(after.slice(0, 4)).toEqual(before.split('\n').slice(0, 4));
    expect(after[4]).toContain('Nobody knows.');
    const without = written(before, [{ ...told, kind: 'remove-message', message: 1 }]);
    expect(without).toBe(lines(header, ask, later));
  });

  it('a new record with an id that nothing in the file has, rewound messages included', () => {
    const taken = { ...later, id: 'u2-added-1' };
    const before = lines(header, taken, { $rewindTo: 'u2-added-1' }, ask, later);
    const edit: Edit = {
      ...told,
      kind: 'insert-message',
      before: 2,
      role: 'assistant',
      content: [{ type: 'text', text: 'yes' }],
    };
    const after = written(before, [edit]);
    expect(after.startsWith(before.trimEnd())).toBe(true);
    expect(JSON.parse(after.slice(before.length))).toMatchObject({
      id: 'u2-added-2',
      type: 'gemini',
    });
    const again = written(after, [{ ...edit, before: 3 }]);
    expect(saidIn(openBytes(gemini, again))).toHaveLength(4);
  });

  it('an old file with its own indentation and line ends', () => {
    const whole = JSON.stringify({ ...header, messages: [ask, reading] }, null, '\t');
    const before = whole.replaceAll('\n', '\r\n');
    const mended = { ...reading, toolCalls: [{ ...call, status: 'error', result: [response] }] };
    const wanted = JSON.stringify({ ...header, messages: [ask, mended] }, null, '\t');
    expect(written(before, [answer])).toBe(wanted.replaceAll('\n', '\r\n'));
  });

  it('nothing that the tool would take for a command of its user', () => {
    const edit = { ...told, kind: 'replace-block', at: { message: 0, block: 0 } } as const;
    const command: Edit = { ...edit, content: { type: 'text', text: '/quit' } };
    const { write } = openBytes(gemini, lines(header, ask));
    expect(() => write?.([command])).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('one mend for zeros behind a record and for the torn end that begins with them', () => {
    const whole = JSON.stringify({ ...header, messages: [{ odd: 1 }, reading, later] }, null, 2);
    const end = whole.indexOf(',\n    {\n      "id": "g1"');
    const torn = `${whole.slice(0, end)}${'\0'.repeat(31)}${whole.slice(end, -20)}`;
    const transcript = openBytes(gemini, torn);
    expect(transcript.findings.map(({ code }) => code)).toContain('NUL_RUN');
    const mended = spliced(torn, transcript.mends).toString();
    expect(openBytes(gemini, mended).mends).toEqual([]);
    expect(mended.startsWith(whole.slice(0, end))).toBe(true);
  });

  it('what mends the bytes and what edits say into one file', () => {
    const torn = lines(header, ask) + JSON.stringify(reading) + lines(later) + '{"id":"g9","ty';
    const transcript = openBytes(gemini, torn);
    const mended = spliced(torn, transcript.mends).toString();
    expect(mended).toBe(lines(header, ask, reading, later));
    expect(saidIn(openBytes(gemini, written(mended, [answer])))[2]?.content).toEqual([
      { ...result, name: 'run' },
    ]);
  });
});

/** Contents of the interface, in which an id is optional. */
const fn = (name: string, id?: string): object => ({ functionCall: { id, name, args: {} } });
const said = (name: string, id?: string): object => ({
  functionResponse: { id, name, response: { output: name } },
});
const turn = (role: string, ...parts: readonly object[]): object => ({ role, parts });

describe('gemini pairs calls without an id', () => {
  const pairsIn = (...contents: readonly object[]): readonly (readonly unknown[])[] =>
    saidIn(openBytes(gemini, JSON.stringify([turn('user', { text: 'go' }), ...contents])))
      .slice(1)
      .map(({ content }) => content.map((block) => block['id'] ?? block['tool_use_id']));

  it('with the first free response of their name behind them', () => {
    const asked = turn('model', fn('f'), fn('g'), fn('f'));
    const [calls = [], results] = pairsIn(asked, turn('user', said('g'), said('f'), said('f')));
    expect(new Set(calls).size).toBe(3);
    expect(results).toEqual([calls[1], calls[0], calls[2]]);
  });

  it('with the response that has an id, as the tool writes it, and lets known ids be', () => {
    const asked = turn('model', fn('f'), fn('f', 'own'), fn('f'));
    const answers = turn('user', said('f', 'own'), said('f', 'f-17'), said('f', 'f-18'));
    expect(pairsIn(asked, answers)).toEqual([
      ['f-17', 'own', 'f-18'],
      ['own', 'f-17', 'f-18'],
    ]);
  });

  it('of each turn by itself, and with nothing of another name', () => {
    const once = [turn('model', fn('f')), turn('user', said('f'))];
    const [one = [], first, two = [], second, three = [], other] = pairsIn(
      ...once,
      ...once,
      turn('model', fn('f')),
      turn('user', said('g')),
    );
    expect([first, second, other]).toEqual([one, two, ['']]);
    expect(new Set([...one, ...two, ...three]).size).toBe(3);
  });

  it('under the id of the response also where that comes again, so that a mend of it is written', () => {
    const twice = [turn('model', fn('f')), turn('user', said('f', '\ud800'))];
    expect(pairsIn(...twice, ...twice).flat()).toEqual(Array(4).fill('\ud800'));
  });

  it('by name before all else, whatever id a response of another name has', () => {
    const [calls, results] = pairsIn(
      turn('model', fn('g')),
      turn('user', said('f', 'i3'), said('g', 'i3')),
    );
    expect(results?.[1]).toBe(calls?.[0]);
    expect(results?.[0]).not.toBe(calls?.[0]);
    const [again, others] = pairsIn(
      turn('model', fn('g')),
      turn('user', said('g', 'i3'), said('f', 'i3')),
    );
    expect(others?.[0]).toBe(again?.[0]);
    expect(others?.[1]).not.toBe(again?.[0]);
  });

  it('each with its own response where all of them have one id', () => {
    const asked = turn('model', fn('f'), fn('g'));
    const [calls = [], results] = pairsIn(asked, turn('user', said('f', 'i'), said('g', 'i')));
    expect(results).toEqual(calls);
    expect(new Set(calls).size).toBe(2);
  });

  it('and responses without one with calls that have one, as Python writes them', () => {
    const asked = turn('model', fn('f', 'a'), fn('f', 'b'), fn('g', 'c'));
    expect(pairsIn(asked, turn('user', said('g'), said('f', 'a'), said('f')))).toEqual([
      ['a', 'b', 'c'],
      ['c', 'a', 'b'],
    ]);
  });

  it('and adds a response with the name of the function and no id of its own making', () => {
    const asked = turn('model', fn('f'), fn('g'));
    const before = JSON.stringify([turn('user', { text: 'go' }), asked, turn('user', said('f'))]);
    const id = saidIn(openBytes(gemini, before))[1]?.content[1]?.['id'];
    const edit = { ...told, kind: 'insert-block', at: { message: 2, block: 1 } } as const;
    const content = { ...result, tool_use_id: id } as ContentBlock;
    const after = JSON.parse(written(before, [{ ...edit, content }])) as { parts: unknown }[];
    const response = { functionResponse: { name: 'g', response: { error: 'Nobody knows.' } } };
    expect(after[2]?.parts).toEqual([said('f'), response]);
  });
});

describe('gemini reads', () => {
  it('an old file in whatever way its lines are broken', () => {
    const whole = JSON.stringify({ ...header, messages: [ask, reading, later] });
    const ways = [
      whole,
      whole.replaceAll(',{"id":"', ',\n{"id":"'),
      whole.replaceAll('{"id":"', '\n{"id":"'),
      whole.replace('"messages"', '\n"messages"'),
    ];
    for (const bytes of ways) {
      const transcript = openBytes(gemini, bytes);
      expect(transcript.findings).toEqual([]);
      expect(saidIn(transcript)).toHaveLength(3);
    }
  });

  it('places that point at the bytes of each record', () => {
    const bytes = lines(header, ask, reading, later);
    const places = [...openBytes(gemini, bytes).conversation()].map(({ place }) => place);
    const records = places.map(
      ({ offset, length }) =>
        JSON.parse(bytes.slice(offset ?? 0, (offset ?? 0) + length)) as { id: string },
    );
    expect(records.map(({ id }) => id)).toEqual(places.map(({ id }) => id));
    expect(places.map(({ line }) => line)).toEqual([2, 3, 4]);
  });

  it('the state of a call that has no result, which tells whether it ever ran', () => {
    const waiting = { ...call, id: 'c2', status: 'awaiting_approval' };
    const bytes = lines(header, ask, { ...reading, toolCalls: [call, waiting] });
    const calls = saidIn(openBytes(gemini, bytes))[1]?.content.slice(1);
    expect(calls?.map((block) => block['status'])).toEqual(['executing', 'awaiting_approval']);
  });

  it('responses of more than one text without a loss', () => {
    const response = { output: 'x', exitCode: 1 };
    const part = { functionResponse: { id: 'c1', name: 'run', response } };
    const bytes = lines(header, ask, { ...reading, toolCalls: [{ ...call, result: [part] }] });
    const block = saidIn(openBytes(gemini, bytes))[2]?.content[0];
    expect(block).toMatchObject({ content: JSON.stringify(response), response });
  });

  it('a list of ten thousand updates within the memory of its messages', () => {
    const updates = Array.from({ length: 10_000 }, (_, n) => ({
      ...reading,
      content: `${n} ${'x'.repeat(500)}`,
    }));
    const transcript = openBytes(gemini, lines(header, ask, ...updates));
    expect(saidIn(transcript)).toHaveLength(2);
    expect(transcript.records).toBe(10_002);
  });
});
