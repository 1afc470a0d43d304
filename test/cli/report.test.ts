/**
 * `recover report` from the words to the page: transcripts made here and damaged here, a store that
 * lost its writer, and everything that can be wrong with what was asked.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engine } from '../../src/cli/library.ts';
import type { TranscriptReport } from '../../src/page/report.ts';
import { Store } from '../../src/index.ts';
import { runIn, worldOf } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string): string => join(folder, name);

/** Runs `recover` with the real library. */
async function recover(...words: readonly string[]): Promise<Told> {
  return runIn(worldOf({ program: 'recover', engine }), ...words);
}

const call = (id: string) => ({ type: 'tool_use', id, name: 'Bash', input: { command: 'ls' } });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'file.txt' });
const sound: readonly object[] = [
  { role: 'user', content: 'What is in this folder?' },
  { role: 'assistant', content: [{ type: 'text', text: 'I will look.' }, call('toolu_1')] },
  { role: 'user', content: [result('toolu_1')] },
  { role: 'assistant', content: [{ type: 'text', text: 'One file.' }] },
];
const dangling = [...sound, { role: 'user', content: 'Again.' }].toSpliced(2, 1);

function transcript(name: string, messages: readonly object[], tail = ''): string {
  const path = inFolder(name);
  writeFileSync(path, messages.map((message) => `${JSON.stringify(message)}\n`).join('') + tail);
  return path;
}

function reportIn(told: Told): TranscriptReport {
  return JSON.parse(told.stdout) as TranscriptReport;
}

describe('recover report of a transcript', () => {
  test('says that a sound one is sound, and exits with 0', async () => {
    const path = transcript('sound.jsonl', sound);
    const told = await recover('report', path);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('This session is sound: anthropic takes it as it is');
    expect(told.stdout).toContain('4 messages, 1 turn, 1 call');
    expect(told.stderr).toBe('');
  });

  test('tells a dangling call, its repair and the next command, and exits with 10', async () => {
    const path = transcript('dangling.jsonl', dangling);
    const told = await recover('report', path);
    expect(told.code).toBe(10);
    expect(told.stdout).toContain('DANGLING_TOOL_CALL');
    expect(told.stdout).toContain(
      `recover apply ${path} --profile anthropic --to dangling.repaired.jsonl`,
    );
  });

  test('exits with 20 when something that was written cannot be read', async () => {
    const path = transcript('torn.jsonl', sound, '{"role":"user","content":"and then the po');
    const told = await recover('report', path, '--json');
    expect(told.code).toBe(20);
    const report = reportIn(told);
    expect(report.verdict).toBe('damaged');
    expect(report.findings.map(({ code }) => code)).toContain('TORN_RECORD');
    expect(report.plan?.mends).toHaveLength(1);
    expect(report.told).not.toContain('nothing');
  });

  test('draws bytes that nobody can read and that stay in a way of their own', async () => {
    const torn = '{"role":"assistant","content":"Bread, th~~';
    const path = inFolder('broken.jsonl');
    const whole = sound.map((one) => JSON.stringify(one));
    writeFileSync(path, [...whole, torn, ...whole, ''].join('\n'));
    const out = inFolder('broken.html');
    expect((await recover('report', path, '--html', out)).code).toBe(20);
    const html = readFileSync(out, 'utf8');
    expect(html.match(/class="p-damaged"/g)).toHaveLength(1);
    expect(html).toContain('<li><i class="k-damaged"></i>not readable, stays as it is</li>');
    expect(html).not.toContain('lost for good');
    // It stands on top of the extent of its finding, which has the colour of every error.
    expect(html.indexOf('class="fault error"')).toBeLessThan(html.indexOf('class="p-damaged"'));
  });

  test('shows lost bytes at their place: on the map, as a list and in the timeline', async () => {
    const words = 'The basket is what fails';
    const path = transcript('lost.jsonl', sound, `{"role":"assistant","content":"${words}`);
    const out = inFolder('lost.html');
    const told = await recover('report', path, '--html', out);
    expect(told.code).toBe(20);
    const html = readFileSync(out, 'utf8');
    expect(html.match(/class="p-lost"/g)).toHaveLength(1);
    expect(html).toContain('B lost for good"');
    expect(html).toContain('<li><i class="k-lost"></i>lost for good</li>');
    const list = /<li id="lost1".*?<\/li>/s.exec(html)?.[0] ?? '';
    expect(list).toMatch(/href="#at-lost1".*>line 5 · byte \d+<.*TORN_RECORD/);
    expect(list).toContain(words);
    // In the timeline it stands behind the message in front of it, and no other.
    const placed = html.split('<li id="m').filter((part) => part.includes('id="at-lost1"'));
    expect(placed).toHaveLength(1);
    expect(placed[0]).toMatch(/^4"/);
    expect(placed[0]).toContain(words);
    expect(html).toContain('Of the bytes it takes away what is lost for good.');
    const text = await recover('report', path);
    expect(text.stdout.replaceAll(/\s+/gu, ' ')).toMatch(/\d+ B that nobody can read any more/);
    expect(text.stdout.replaceAll(/\s+/g, ' ')).toContain(words);
  });

  test('gives programs the same facts with --json', async () => {
    const report = reportIn(await recover('report', transcript('json.jsonl', dangling), '--json'));
    expect(report).toMatchObject({
      schema: 'holdfast.transcript-report/1',
      format: 'anthropic-messages',
      profile: 'anthropic',
      verdict: 'repairable',
      counts: { messages: 4, turns: 2, calls: 1, unanswered: 1 },
      plan: { policy: 'annotate', lost: [] },
    });
    expect(report.findings[0]?.place?.line).toBe(2);
  });

  test('holds it against the profile and by the policy that were asked for', async () => {
    const path = transcript('policy.jsonl', dangling);
    const words = ['--profile', 'mistral', '--policy', 'drop', '--json'];
    const report = reportIn(await recover('report', path, ...words));
    expect(report.profile).toBe('mistral');
    expect(report.plan?.policy).toBe('drop');
    expect(report.plan?.lost.length).toBeGreaterThan(0);
    expect(report.next[0]?.line).toContain('--policy drop');
  });

  test('writes the page whole to a new file, and says where', async () => {
    const path = transcript('page.jsonl', dangling);
    const out = inFolder('page.html');
    const told = await recover('report', path, '--html', out);
    expect(told.code).toBe(10);
    expect(told.stderr).toContain(`The page is in ${out}`);
    const html = readFileSync(out, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toMatch(/<\/html>\n$/);
    expect(html).toContain('DANGLING_TOOL_CALL');
    expect(html).toContain('What is in this folder?');
    const again = await recover('report', path, '--html', out);
    expect(again.code).toBe(64);
    expect(again.stderr).toContain('something is there');
    expect(readFileSync(out, 'utf8')).toBe(html);
  });

  test('leaves the transcript as it is, and no page when it cannot be read', async () => {
    const path = transcript('same.jsonl', dangling, '{"torn');
    const before = readFileSync(path);
    await recover('report', path, '--html', inFolder('same.html'));
    expect(readFileSync(path).equals(before)).toBe(true);
    const none = inFolder('none.txt');
    writeFileSync(none, 'no JSON at all');
    const told = await recover('report', none, '--html', inFolder('none.html'));
    expect(told.code).toBe(64);
    expect(() => readFileSync(inFolder('none.html'))).toThrow('ENOENT');
  });
});

describe('recover report of a store', () => {
  let root = '';
  beforeAll(async () => {
    root = inFolder('store');
    await using store = await Store.open(root);
    await using session = await store.createSession({
      id: 's1',
      metadata: { name: 'A session of a store' },
    });
    await session.append({ role: 'user', content: 'Go.' });
    await session.append({ role: 'assistant', content: [call('toolu_9')] as never });
    await session.snapshots.take({ action: 'before the change' });
    await session.append({ role: 'user', content: 'And?' });
  });

  test('makes a page with sessions, files to scale and restore points', async () => {
    const out = inFolder('store.html');
    const told = await recover('report', root, '--html', out);
    expect(told.code).toBe(0);
    const html = readFileSync(out, 'utf8');
    expect(html).toContain('This store is clean.');
    expect(html).toContain('before the change');
    expect(html).toContain('sessions/s1/history');
  });

  test('tells damage with its file, its place and the way out', async () => {
    const hurt = inFolder('hurt');
    mkdirSync(hurt);
    const { cpSync } = await import('node:fs');
    cpSync(root, hurt, { recursive: true });
    const history = join(hurt, 'sessions/s1/history');
    const bytes = readFileSync(history);
    bytes.fill(0x55, bytes.length - 120, bytes.length - 60);
    writeFileSync(history, bytes);
    const out = inFolder('hurt.html');
    const told = await recover('report', hurt, '--html', out);
    expect(told.code).toBe(20);
    const html = readFileSync(out, 'utf8');
    expect(html).toContain('1 session damaged');
    expect(html).toContain('DAMAGED_FRAME');
    const words = html.replaceAll(/<[^>]*>/g, '');
    expect(words).toContain(`recover salvage ${hurt} --to NEWDIR`);
    expect(html).toMatch(/class="mark error" data-findings="f\d+"/);
  });

  test('tells one session with its rules, restore points and repair', async () => {
    const out = inFolder('session.html');
    const words = ['report', root, '--session', 's1', '--profile', 'anthropic'];
    const told = await recover(...words, '--html', out);
    expect(told.code).toBe(10);
    expect(told.stdout).toContain(`recover apply ${root} --session s1 --profile anthropic`);
    const html = readFileSync(out, 'utf8');
    expect(html).toContain('A session of a store');
    expect(html).toContain('Restore points');
    expect(html).toContain('DANGLING_TOOL_CALL');
  });

  test('gives the report of verify with --json', async () => {
    const told = await recover('report', root, '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({
      schema: 'holdfast.recovery/1',
      historiesRead: true,
    });
  });
});

describe('recover report, asked wrongly', () => {
  test.each([
    [['report'], 64, 'PATH'],
    [['report', ''], 64, 'PATH is empty'],
    [['report', 'FOLDER'], 64, 'recover scan'],
    [['report', 'FILE', '--html', ''], 64, '--html needs'],
    [['report', 'FILE', '--session', 's1'], 64, '--session is for a store'],
    [['report', 'STORE', '--profile', 'gemini'], 64, '--profile is for transcripts'],
    [['report', 'STORE', '--session', 'nobody'], 66, 'no session "nobody"'],
    [['report', 'NOWHERE'], 66, ''],
  ])('%j exits with %i and says why', async (words, code, why) => {
    const path = transcript('asked.jsonl', sound);
    const names: Readonly<Record<string, string>> = {
      FILE: path,
      STORE: inFolder('store'),
      FOLDER: inFolder('folder'),
      NOWHERE: inFolder('nowhere'),
    };
    mkdirSync(inFolder('folder'), { recursive: true });
    writeFileSync(inFolder('folder/a.txt'), 'a');
    const told = await recover(...words.map((word) => names[word] ?? word));
    expect(told.code).toBe(code);
    expect(told.stderr).toContain(why);
    expect(told.stdout).toBe('');
  });
});
