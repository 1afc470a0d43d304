/**
 * `kill -9` in the middle of an import, again and again: what is there is a prefix, and in the end
 * everything is there once.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Message } from '../../src/session/message.ts';
import { Store } from '../../src/store/store.ts';
import { killInWrite } from '../helpers/write-watch.ts';
import { testSeed } from '../helpers/seed.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const kills = Math.min(20, Number(process.env['HOLDFAST_KILLS'] ?? 4));
const seed = testSeed();
const again = `HOLDFAST_SEED=${String(seed)} npx vitest run test/cli/import-kills.test.ts`;
const messages = 2000;
const textCharacters = 10_000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-import-kills-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function saidOf(index: number): string {
  return `${String(index)} ${'x'.repeat(textCharacters)}`;
}

/** A list of messages of 20 MB: five groups. */
function writeTranscript(): string {
  const path = join(directory, 'list.jsonl');
  const lines = Array.from({ length: messages }, (_, index) => {
    const role = index % 2 === 0 ? 'user' : 'assistant';
    return `${JSON.stringify({ role, content: saidOf(index) })}\n`;
  });
  writeFileSync(path, lines.join(''));
  return path;
}

async function present(root: string): Promise<readonly Message[]> {
  if (!existsSync(join(root, 'store.json'))) return [];
  // Opening for writing recovers what the dead process left.
  await using store = await Store.open(root, { checkpoints: false });
  const found: Message[] = [];
  for await (const { id } of store.sessions()) {
    await using session = await store.openSession(id);
    for await (const { message } of session.messages()) found.push(message);
  }
  return found;
}

function requirePrefix(found: readonly Message[]): void {
  for (const [index, { content }] of found.entries()) {
    const [block] = content as readonly { readonly text: string }[];
    if (block?.text !== saidOf(index)) throw new Error(`Message ${String(index)} is another one`);
  }
}

/** True once a journal has a segment of at least so many bytes. */
function hasSegment(root: string, bytesMin: number): boolean {
  try {
    const names = readdirSync(join(root, 'journals'), { recursive: true, encoding: 'utf8' });
    return names.some((name) => {
      return name.endsWith('.segment') && statSync(join(root, 'journals', name)).size >= bytesMin;
    });
  } catch {
    // It comes, or went away meanwhile.
    return false;
  }
}

test(`import goes on after every kill -9, nothing doubled and nothing lost (${again})`, async () => {
  const prng = Prng.fromSeed(seed);
  const path = writeTranscript();
  const root = join(directory, 'store');
  const words = [program, 'import', path, '--session', 's1', '--store', root];
  let [inTheMiddle, before] = [0, 0];
  for (let kill = 0; kill < kills && before < messages; kill += 1) {
    const child = spawn(process.execPath, words, { stdio: 'ignore' });
    const exited = once(child, 'exit');
    // In the first group, or in one behind the first segment of the journal.
    const segmentBytes = prng.chance(0.4) ? 0 : 1024 * 1024 + 1;
    const depthBytes = prng.below(900_000);
    let killed = false;
    while (child.exitCode === null && !killed) {
      await setImmediate();
      if (!hasSegment(root, segmentBytes)) continue;
      const end = (): boolean => child.kill('SIGKILL');
      killed = await killInWrite(root, child.pid ?? 0, end, { depthBytes, waitMs: 100 });
    }
    await exited;
    const found = await present(root);
    requirePrefix(found);
    expect(found.length).toBeGreaterThanOrEqual(before);
    if (found.length < messages) inTheMiddle += 1;
    before = found.length;
  }
  expect(inTheMiddle).toBeGreaterThan(0);
  const last = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect([last.status, last.stdout]).toEqual([0, '']);
  const found = await present(root);
  requirePrefix(found);
  expect(found).toHaveLength(messages);
  const more = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect(more.stderr).toContain('s1 has all of it already');
});

test('two imports of one file at once make one session, and nothing twice', async () => {
  const path = writeTranscript();
  const root = join(directory, 'store');
  const words = [program, 'import', path, '--session', 's1', '--store', root];
  const children = [1, 2].map(() => spawn(process.execPath, words, { stdio: 'ignore' }));
  const codes = await Promise.all(
    children.map(async (child) => {
      await once(child, 'exit');
      return child.exitCode;
    }),
  );
  // The second one found it complete, was told to try again, or waited too long for the session.
  expect(codes).toContain(0);
  for (const code of codes) expect([0, 30, 64]).toContain(code);
  const found = await present(root);
  requirePrefix(found);
  expect(found).toHaveLength(messages);
}, 60_000);
