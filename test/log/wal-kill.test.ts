/**
 * Real processes that are killed at any moment while they append, on the real disk. What they said to
 * be acknowledged is there afterwards, whatever its durability, as a prefix, byte for byte. Set
 * HOLDFAST_KILLS for more kills than the few dozen of an ordinary run.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openWal } from '../../src/log/open-wal.ts';
import type { Wal } from '../../src/log/wal-log.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { nodeParts } from '../../src/recovery/parts.ts';
import { upTo } from '../helpers/wal-lab.ts';

const kills = Number(process.env['HOLDFAST_KILLS'] ?? 16);
const seed = Number(process.env['HOLDFAST_SEED'] ?? 1);
const driver = fileURLToPath(new URL('../helpers/wal-driver.js', import.meta.url));

const directories: string[] = [];

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-kill-'));
  directories.push(directory);
  return directory;
}

/** The same as in wal-driver.js. */
function payloadOf(seq: number): Uint8Array {
  const bytes = seq % 5 === 0 ? 1_000_000 + (seq % 7) * 400_000 : (seq * 131) % 900;
  return Buffer.alloc(bytes, `entry ${seq};`);
}

interface Run {
  /** The last entry that was acknowledged. */
  readonly acknowledged: number;
  readonly failed: string | null;
  readonly killed: boolean;
}

/** Runs the driver; `kill` sees each line and may end the process there. */
async function run(
  directory: string,
  told: { readonly io: 'worker' | 'pool'; readonly count: number; readonly tear?: boolean },
  kill: (line: string, child: ChildProcess) => void = () => undefined,
): Promise<Run> {
  const args = [driver, directory, told.io, String(told.count), told.tear === true ? 'tear' : ''];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<string | null>((resolve) => {
    child.on('close', (_, signal) => resolve(signal));
  });
  let [acknowledged, failed]: [number, string | null] = [0, null];
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, value] = line.split(' ');
    // The last line may be cut off by the kill.
    if ((what === 'a' || what === 'o') && Number.isSafeInteger(Number(value))) {
      acknowledged = Math.max(acknowledged, Number(value));
    } else if (what === 'e') {
      failed = line;
    }
    kill(line, child);
  }
  return { acknowledged, failed, killed: (await ended) === 'SIGKILL' };
}

/** Turns the event loop instead of a timer, whose steps of a millisecond are too coarse. */
function killAfter(child: ChildProcess, atMs: number): void {
  if (performance.now() >= atMs) child.kill('SIGKILL');
  else setImmediate(() => killAfter(child, atMs));
}

async function openHere(directory: string): Promise<Wal> {
  return openWal(await nodeParts(), directory, { io: 'pool', segmentBytes: 1_048_576 });
}

/** Reads all, and fails when an entry is missing or not what was appended. */
async function verify(wal: Wal): Promise<void> {
  const seqs: number[] = [];
  for await (const { seq, bytes } of wal.read()) {
    if (Buffer.compare(bytes, payloadOf(seq)) !== 0) throw new Error(`entry ${seq} has changed`);
    seqs.push(seq);
  }
  expect(seqs).toEqual(upTo(wal.lastSeq, wal.firstSeq));
}

describe('Wal', () => {
  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  it(`Wal keeps what ${kills} killed processes had acknowledged`, {
    timeout: 900_000,
  }, async () => {
    const directory = makeDirectory();
    const prng = Prng.fromSeed(seed);
    const histogram = new Map<string, number>();
    const count = (what: string): void => {
      histogram.set(what, (histogram.get(what) ?? 0) + 1);
    };
    for (let round = 0; round < kills; round += 1) {
      const tear = prng.chance(0.4);
      const io = tear ? 'worker' : prng.pick<'worker' | 'pool'>(['worker', 'pool']);
      let left = 1 + prng.below(12);
      const delayMs = prng.below(60) / 10;
      const ran = await run(directory, { io, count: 10_000, tear }, (line, child) => {
        left -= 1;
        if (left === 0 && !tear) killAfter(child, performance.now() + delayMs);
      });
      const where = `round ${round}; repeat with HOLDFAST_SEED=${seed} HOLDFAST_KILLS=${kills}`;
      expect(ran, where).toMatchObject({ killed: true, failed: null });
      const wal = await openHere(directory);
      expect(wal.lastSeq, where).toBeGreaterThanOrEqual(ran.acknowledged);
      await verify(wal);
      const { verdict, kept, cutBytes } = wal.recovery;
      count(`verdict ${verdict}`);
      count(`kept ${kept === null ? 0 : (kept.to ?? kept.from) - kept.from + 1} entries`);
      if (cutBytes > 0) count(cutBytes < 65_536 ? 'cut below 64 KiB' : 'cut 64 KiB or more');
      const next = wal.lastSeq + 1;
      expect((await wal.append(payloadOf(next))).seq).toBe(next);
      if (round % 3 === 2) await wal.truncateBefore(next - 5);
      await wal.close();
    }
    const lines = [...histogram].toSorted(([one], [other]) => one.localeCompare(other));
    for (const [what, times] of lines) process.stdout.write(`  ${what}: ${times}\n`);
  });

  it('Wal syncs what is batched before its process ends by itself', async () => {
    for (const io of ['worker', 'pool'] as const) {
      const directory = makeDirectory();
      const ran = await run(directory, { io, count: 30 });
      expect(ran).toMatchObject({ killed: false, failed: null });
      const wal = await openHere(directory);
      expect(wal.lastSeq).toBe(ran.acknowledged);
      expect(wal.lastSeq).toBeGreaterThanOrEqual(30);
      await verify(wal);
      await wal.close();
    }
  });
});
