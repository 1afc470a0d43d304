/** The parts of a page on their own: words, maps, pairing, what is shown of a long session, reports. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import { buildReport } from '../../src/page/build-report.ts';
import type { ReportInput } from '../../src/page/build-report.ts';
import { diffLines } from '../../src/page/diff.ts';
import { FileMap } from '../../src/page/file-map.ts';
import { jsonText } from '../../src/page/json-text.ts';
import { cutText, foreign, oneLine, plain } from '../../src/page/markup.ts';
import { outlineOf } from '../../src/page/outline.ts';
import { shownMessages } from '../../src/page/selection.ts';
import { shellWord } from '../../src/page/shell-word.ts';
import { isSynthetic } from '../../src/page/synthetic.ts';
import { transcriptPage } from '../../src/page/transcript-page.ts';
import { hostile, large } from './hostile-samples.ts';
import { damaged } from './ledger-samples.ts';
import { call, Conversation, finding, text } from './sample-conversation.ts';

describe('foreign', () => {
  test('escapes markup and names what nobody would see', () => {
    expect(foreign('<a href="x">&\'')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
    const marked = foreign('a\0b\u202ec\u200b\ud83d\u{e0041}');
    expect(marked.replaceAll(/<span class="unseen">(.*?)<\/span>/g, '[$1]')).toBe(
      'a[\\x00]b[\\u202e]c[\\u200b][\\ud83d][\\u{e0041}]',
    );
  });

  test('keeps lines, tabs, letters of every script and whole emoji', () => {
    const words = 'tab\there\nשלום 漢字 👩‍👩‍👧 é';
    expect(foreign(words)).toBe(words);
    expect(foreign('one\r\ntwo\rthree')).toBe('one\ntwo<span class="unseen">\\x0d</span>three');
  });

  test('gives no text that a parser of HTML takes for a tag, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (words) => {
        const left = foreign(words).replaceAll(/<span class="unseen">[^<>]*<\/span>/g, '');
        expect(left).not.toMatch(/[<>"']/);
        expect(plain(words)).not.toMatch(/[\0\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe('cutText', () => {
  test('never parts a surrogate pair, and says how much is left', () => {
    expect(cutText('ab😀cd', 3)).toEqual({ shown: 'ab', left: 4 });
    expect(cutText('ab😀cd', 4)).toEqual({ shown: 'ab😀', left: 2 });
    expect(cutText('short', 10)).toEqual({ shown: 'short', left: 0 });
  });

  test('oneLine takes white space together and marks a cut', () => {
    expect(oneLine('  two\n\nlines ', 20)).toBe('two lines');
    expect(oneLine('a'.repeat(50), 10)).toBe(`${'a'.repeat(10)}…`);
  });
});

describe('shellWord', () => {
  test.each([
    ['plain/path.jsonl', 'plain/path.jsonl'],
    ['two words', "'two words'"],
    ["it's; rm -rf $HOME", "'it'\\''s; rm -rf $HOME'"],
    ['--to', "'./--to'"],
    ['', "''"],
  ])('%j becomes %s', (word, line) => {
    expect(shellWord(word)).toBe(line);
  });
});

describe('diffLines', () => {
  const plainOf = (before: string | null, after: string | null): string[] =>
    diffLines(before, after).map(({ sign, text: line }) => `${sign}${line}`);

  test('shows only what changes, with two lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng';
    expect(plainOf(before, before.replace('d', 'D'))).toEqual([
      '~1 equal line',
      ' b',
      ' c',
      '-d',
      '+D',
      ' e',
      ' f',
      '~1 equal line',
    ]);
    expect(plainOf(null, 'x\ny')).toEqual(['+x', '+y']);
    expect(plainOf('x', null)).toEqual(['-x']);
  });

  test('has every removed and every added line, whatever the texts', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (old, now) => {
        const [before, after] = [old.join('\n'), now.join('\n')];
        const diff = diffLines(before, after);
        const equal = diff.reduce(
          (sum, { sign, text: told }) =>
            sum + (sign === ' ' ? 1 : sign === '~' ? Number.parseInt(told, 10) : 0),
          0,
        );
        const count = (sign: string): number => diff.filter((line) => line.sign === sign).length;
        expect(equal + count('-')).toBe(before.split('\n').length);
        expect(equal + count('+')).toBe(after.split('\n').length);
      }),
    );
  });
});

describe('FileMap', () => {
  test('draws few pieces exactly, in the order of the file', () => {
    const map = new FileMap(1000);
    map.add('result', 500, 250);
    map.add('user', 0, 100);
    expect(map.pieces()).toEqual([
      { kind: 'user', from: 0, to: 0.1 },
      { kind: 'result', from: 0.5, to: 0.75 },
    ]);
  });

  test('draws many pieces by what most of each stripe is, and holds a bounded amount', () => {
    const map = new FileMap(1_000_000);
    for (let at = 0; at < 500_000; at += 100) map.add('assistant', at, 90);
    for (let at = 500_000; at < 1_000_000; at += 100) map.add('call', at, 60);
    const pieces = map.pieces();
    expect(pieces.map(({ kind }) => kind)).toEqual(['assistant', 'call']);
    expect(pieces[0]?.to).toBeCloseTo(0.5, 2);
    expect(pieces.length).toBeLessThanOrEqual(600);
  });
});

describe('outlineOf', () => {
  test('pairs each result with the first open call of its id, and counts the rest', () => {
    const talk = new Conversation()
      .user('go')
      .assistant(call('a', 'Bash', {}), call('b', 'Read', {}), call('a', 'Bash', {}))
      .result('a', 'first')
      .result('a', 'second', true)
      .result('c', 'of nothing')
      .user('next')
      .assistant(text('done'));
    const { turns, calls, callAt, results } = outlineOf(talk.messages, talk.bytes);
    expect(calls.map(({ id, state, result }) => [id, state, result?.message])).toEqual([
      ['a', 'answered', 2],
      ['b', 'dangling', undefined],
      ['a', 'failed', 3],
    ]);
    expect(callAt.get('4.0')).toBeUndefined();
    expect(results).toBe(3);
    expect(turns).toEqual([
      { first: 0, end: 5, prompt: 'go', calls: 3, unanswered: 1 },
      { first: 5, end: 7, prompt: 'next', calls: 0, unanswered: 0 },
    ]);
  });

  test('knows results in the words of repair tools from those of tools', () => {
    const result = (content: string) =>
      ({ type: 'tool_result', tool_use_id: 'a', content }) as const;
    expect(isSynthetic(result('aborted'))).toBe(true);
    expect(isSynthetic(result('[Tool execution was interrupted]'))).toBe(true);
    expect(isSynthetic(result('No result provided'))).toBe(true);
    expect(isSynthetic(result('the job was aborted'))).toBe(false);
    expect(isSynthetic(result(`no result provided ${'x'.repeat(400)}`))).toBe(false);
  });
});

describe('shownMessages', () => {
  test('has all of a short session, and of a long one what tells, the first and the newest', () => {
    expect(shownMessages(100, [], 100)).toBeNull();
    const shown = shownMessages(10_000, [5000, 7000], 200);
    expect(shown?.size).toBe(200);
    for (const message of [5000, 4997, 5003, 7000, 0, 19, 9999]) {
      expect(shown?.has(message), String(message)).toBe(true);
    }
    expect(shown?.has(3000)).toBe(false);
  });

  test('stays within its bound when everything tells, and still has the newest', () => {
    const telling = Array.from({ length: 5000 }, (_, index) => index);
    const shown = shownMessages(10_000, telling, 1000);
    expect(shown?.size).toBe(1000);
    expect(shown?.has(9999)).toBe(true);
  });
});

describe('transcriptPage', () => {
  test('is bounded: 10 MB of one line, and 200,000 messages, make a small page', () => {
    const pieces = [...transcriptPage(hostile())];
    expect(pieces.join('').length).toBeLessThan(2_000_000);
    const html = [...transcriptPage(large(200_000))].join('');
    expect(html.length).toBeLessThan(8_000_000);
    expect(html).toMatch(/\d+ turns with [\d,]+ messages not in this page; nothing was found/);
    for (let number = 1; number <= 60; number += 1) expect(html).toContain(`id="at-f${number}"`);
  });

  test('tells how much is left out, where it is left out', () => {
    const html = [...transcriptPage({ ...damaged(), limits: { messages: 6, text: 20 } })].join('');
    expect(html).toMatch(/\d+ messages? not in this page \(\d+ to \d+\)/);
    expect(html).toMatch(/Cut here: \d+ of \d+ characters are not in this page/);
  });

  test('gives the same page for the same session', () => {
    expect([...transcriptPage(damaged())].join('')).toBe([...transcriptPage(damaged())].join(''));
  });

  test('shows blocks that no page could foresee: deep nesting, no content at all', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    const talk = new Conversation().add('assistant', []).user('x');
    const deepCall = { ...talk.messages[1], content: [call('a', 'T', deep)] } as PlacedMessage;
    const messages = [...talk.messages, deepCall];
    const { report } = damaged();
    const counts = { ...report.counts, bytes: talk.bytes };
    const sound = { ...report, counts, findings: [], plan: null };
    const html = [...transcriptPage({ report: sound, conversation: () => messages })].join('');
    expect(html).toContain('nested too deeply to be shown');
    expect(html).toContain('No content');
  });
});

describe('jsonText', () => {
  test('is the indented JSON of every value that is not beyond the bounds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(jsonText(value)).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  test('stays small for a value that is not', () => {
    const wide = Array.from({ length: 5_000_000 }, (_, index) => index);
    expect(jsonText(wide).length).toBeLessThan(1_100_000);
    expect(jsonText('x'.repeat(10_000_000)).length).toBeLessThan(1_100_000);
    expect(jsonText({ bytes: new Uint8Array(9) })).toContain('(9 bytes)');
  });
});

describe('buildReport', () => {
  const talk = new Conversation().user('go').assistant(call('a', 'Bash', {}));
  const base: ReportInput = {
    path: 'dir/my session.jsonl',
    session: null,
    format: 'claude-code',
    profile: 'anthropic',
    verdict: 'clean',
    facts: { sessionId: 's-1', title: null, cwd: null, version: null, model: null },
    bytes: talk.bytes,
    records: 2,
    outline: outlineOf(talk.messages, talk.bytes),
    findings: [],
    sides: [],
    plan: null,
    unplanned: null,
    restorePoints: [],
    written: 'own-format',
    waysOut: null,
  };
  const plan = { policy: 'annotate', edits: [], mends: [], lost: [], unmended: [] } as const;
  const mend = { offset: 9, length: 1, removed: new Uint8Array(1), added: new Uint8Array(0) };
  const dangling = finding('DANGLING_TOOL_CALL', 'error', { messageIndex: 1, meaning: 'No.' });

  test('sound session goes on in its own tool', () => {
    const { told, next } = buildReport(base);
    expect(told).toBe('This session is sound: anthropic takes it as it is, and nothing was found.');
    expect(next.map(({ line }) => line)).toEqual(['claude --resume s-1']);
  });

  test('repairable session names the exact commands, and keeps the original', () => {
    const { told, next, counts } = buildReport({
      ...base,
      verdict: 'repairable',
      findings: [dangling],
      plan: { ...plan, mends: [mend] },
    });
    expect(told).toBe('This session has 1 tool call without result. The repair mends all of it.');
    expect(next.map(({ line }) => line)).toEqual([
      "recover apply 'dir/my session.jsonl' --profile anthropic --to 'my session.repaired.jsonl'",
      "recover verify 'my session.repaired.jsonl' --profile anthropic",
    ]);
    expect(counts).toMatchObject({ errors: 1, calls: 1, unanswered: 1, turns: 1 });
  });

  test('damaged session never says that nothing is lost', () => {
    const torn = finding('TORN_RECORD', 'error', { meaning: 'Cut short.' });
    const { told } = buildReport({
      ...base,
      verdict: 'damaged',
      findings: [torn, dangling],
      plan: { ...plan, mends: [mend] },
    });
    expect(told).toBe(
      'This session has 1 damaged place and 1 tool call without result. What stood in the damaged ' +
        'places cannot be read any more. The rest can go on after the repair.',
    );
  });

  test('policy that takes away is named with what it takes', () => {
    const lost = [{ messageIndex: 1, told: 'call a', text: null }];
    const { told, next } = buildReport({
      ...base,
      verdict: 'repairable',
      findings: [dangling],
      plan: { ...plan, policy: 'drop', mends: [mend], lost },
    });
    expect(told).toContain('The repair takes away 1 piece, listed as lost.');
    expect(told).not.toContain('mends all of it');
    expect(next[0]?.line).toContain('--policy drop');
  });

  test.each([
    ['only-read', "holdfast import 'dir/my session.jsonl' --session s-1"],
    ['store', "recover apply 'dir/my session.jsonl' --session s-1 --profile anthropic"],
  ] as const)('%s session is repaired where it can be', (written, line) => {
    const { next } = buildReport({
      ...base,
      verdict: 'repairable',
      findings: [dangling],
      plan: { ...plan, mends: [mend] },
      written,
    });
    expect(next.map((step) => step.line)).toEqual([line]);
  });

  test('what no plan mends leads to its explanation', () => {
    const { next } = buildReport({ ...base, verdict: 'repairable', findings: [dangling], plan });
    expect(next.map(({ line }) => line)).toEqual(['recover explain DANGLING_TOOL_CALL']);
  });
});
