/** Whoever asks `scan`, `verify`, `plan`, `apply` or `report` gets one answer. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const fixtures = join(import.meta.dirname, '../../fixtures/transcripts');
const fixture = (path: string): Buffer => readFileSync(join(fixtures, path));

let copies = 0;
/** What every command exits with, and what `plan` says. */
async function answers(
  path: string,
  ...words: readonly string[]
): Promise<{ readonly codes: readonly number[]; readonly plan: string; readonly verify: string }> {
  copies += 1;
  const verify = await recover('verify', path, ...words);
  const plan = await recover('plan', path, ...words);
  const report = await recover('report', path, ...words);
  const apply = await recover('apply', path, ...words, '--to', join(place.folder, `out${copies}`));
  const scan = words.length > 0 ? verify : await recover('scan', path);
  const codes = [scan, verify, plan, apply, report].map(({ code }) => code);
  return { codes, plan: plan.stdout, verify: verify.stdout };
}

const damaged = [20, 20, 20, 20, 20];
const repairable = [10, 10, 10, 0, 10];

/** The bytes of a session of Claude Code with zeros put in place of some of them. */
function zeroed(work: (lines: string[]) => string): string {
  return file('n.jsonl', work(fixture('claude-code/clean.jsonl').toString().split('\n')));
}

describe('recover', () => {
  test('gives one verdict on every transcript, whatever the command', async () => {
    const names = readdirSync(fixtures, { recursive: true, encoding: 'utf8' });
    const sessions = names.filter((name) => /\.jsonl?$/.test(name) && !/expected/.test(name));
    expect(sessions.length).toBeGreaterThan(100);
    for (const name of sessions) {
      const { codes } = await answers(join(fixtures, name));
      const [scan, verify, plan, apply, report] = codes;
      if (verify === 64 || verify === 66) continue;
      const isAsVerified = plan === verify || (verify === 0 && plan === 10);
      // A format that is only read has no copy, unless its bytes alone are mended.
      const isCarriedOut = apply === (plan === 20 ? 20 : 0) || apply === 40;
      const same = [scan, report].every((code) => code === verify);
      expect([name, codes, isAsVerified, isCarriedOut, same]).toEqual([
        name,
        codes,
        true,
        true,
        true,
      ]);
    }
  }, 120_000);

  test.each(['pi/without-header', 'pi/parent-cycle', 'pi/conflicting-ids', 'codex/without-head'])(
    'calls damaged what no plan can mend, and sends nobody to a plan: %s',
    async (name) => {
      const { codes, plan, verify } = await answers(join(fixtures, `${name}.jsonl`));
      expect(codes).toEqual(damaged);
      expect(plan).toContain('no plan can mend it');
      expect(verify).toMatch(/1 finding that no plan mends/);
      expect(verify).toMatch(/No plan can mend it\. Next: recover explain [A-Z_]+/);
      expect(verify).not.toContain('recover plan');
      const scanned = await recover('scan', join(fixtures, `${name}.jsonl`));
      expect(scanned.stdout).not.toContain('recover plan');
    },
  );

  test('numbers that are given anew take no words away', async () => {
    for (const name of ['ordinals-repeated', 'ordinals-out-of-order']) {
      const { codes, plan } = await answers(join(fixtures, `codex/${name}.jsonl`));
      expect(codes).toEqual(repairable);
      expect(plan).not.toContain('away for good');
    }
  });
});

describe('zero bytes', () => {
  test.each([
    ['behind the last record', (lines: string[]) => lines.join('\n') + '\0'.repeat(4096)],
    ['in place of one line end', (lines: string[]) => lines.join('\n').replace('\n', '\0')],
  ])('that took nothing known are mended: %s', async (_where, work) => {
    const { codes, plan } = await answers(zeroed(work));
    expect(codes).toEqual(repairable);
    expect(plan).not.toContain('for good');
  });

  test.each([
    ['on a line of their own', (lines: string[]) => lines.toSpliced(3, 0, '\0'.repeat(500))],
    ['in place of a record', (lines: string[]) => lines.with(3, '\0'.repeat(534))],
    ['in front of a record', (lines: string[]) => lines.with(3, '\0'.repeat(60) + lines[3])],
    ['in front of the first', (lines: string[]) => lines.with(0, '\0'.repeat(60) + lines[0])],
  ])('where a record may have stood are damage: %s', async (_where, work) => {
    const { codes, plan } = await answers(zeroed((lines) => work(lines).join('\n')));
    expect(codes).toEqual(damaged);
    expect(plan).toContain('of zeros, where a record may have stood');
  });

  test.each([
    ['between two elements', 3, 20],
    ['behind the list', 6, 10],
  ])('in a list are told apart as in lines: %s', async (_where, at, code) => {
    const list = [
      '[',
      '{"role":"user","content":"a"}',
      ',',
      '',
      '{"role":"assistant","content":"b"}',
    ];
    const text = [...list, ']'].toSpliced(at, 0, '\0'.repeat(60)).join('');
    const path = join(place.folder, 'list.json');
    writeFileSync(path, text);
    const { codes } = await answers(path);
    expect(codes).toEqual(code === 20 ? damaged : repairable);
  });
});

test('a mend is named by what it mends: a torn record with zeros behind it', async () => {
  const text = fixture('codex/torn-tail.jsonl').toString().trimEnd();
  const told = await recover('plan', file('torn.jsonl', `${text}${'\0'.repeat(300)}`), '--json');
  const plan = JSON.parse(told.stdout) as {
    readonly mends: readonly { readonly code: string; readonly before: string }[];
    readonly lostBytes: readonly { readonly code: string; readonly text: string }[];
  };
  expect(told.code).toBe(20);
  for (const { code, text: lost } of plan.lostBytes) {
    if (lost.startsWith('{')) expect(code).toBe('TORN_RECORD');
  }
  expect(plan.mends.map(({ code }) => code)).toContain('NUL_RUN');
});

test('a mend is drawn against what those in front of it leave', async () => {
  const text = fixture('codex/torn-tail.jsonl').toString().trimEnd();
  const told = await recover('plan', file('torn.jsonl', `${text}\0\0\0\n`), '--json');
  const { mends } = JSON.parse(told.stdout) as {
    readonly mends: readonly { readonly code: string; readonly before: string }[];
  };
  const torn = text.slice(text.lastIndexOf('\n') + 1);
  const behind = mends.filter(({ code }) => code === 'NUL_RUN');
  expect(behind).toHaveLength(1);
  for (const { before } of behind) expect(before).not.toContain(torn.slice(-8));
});
