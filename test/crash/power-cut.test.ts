/**
 * Power cuts of a real file system: while a program appends to several sessions of one store, its disk
 * is shut down without a flush. Mounted again, nothing that was acknowledged as durable is missing, and
 * the next round goes on in the same store.
 *
 * HOLDFAST_POWER_CUTS says how many (`npm run power-cuts -- --cuts 50 --seed 1`).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { recover } from '../../src/index.ts';
import { Store } from '../../src/store/store.ts';
import type { Message } from '../../src/session/message.ts';
import { LoopDisk, loopDiskTrouble } from '../helpers/loop-disk.ts';
import { Oracle } from './oracle.ts';
import { chance } from './workload.mjs';

const cuts = Number(process.env['HOLDFAST_POWER_CUTS'] ?? 4);
const seed = Number(process.env['HOLDFAST_SEED'] ?? 1 + Math.floor(Math.random() * 1e6));
const appender = fileURLToPath(new URL('appender.mjs', import.meta.url));
const trouble = loopDiskTrouble();

if (trouble !== null) process.stdout.write(`Power cuts are not tested: ${trouble}\n`);

/** Runs the appender until it has told so many lines, and cuts the power of its disk. */
async function appendUntilCut(
  disk: LoopDisk,
  oracle: Oracle,
  plan: { readonly root: string; readonly round: number; readonly seed: number; lines: number },
): Promise<number> {
  const power = await disk.armed();
  const args = [appender, plan.root, String(plan.round), String(plan.seed)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  let lines = 0;
  let cutting: Promise<void> | null = null;
  try {
    // Lines that were in the pipe when the power went were acknowledged before, and count.
    for await (const line of createInterface({ input: child.stdout })) {
      oracle.take(line);
      lines += 1;
      if (lines < plan.lines || cutting !== null) continue;
      cutting = power.cut().finally(() => child.kill('SIGKILL'));
    }
    await closed;
    if (cutting === null) throw new Error(`The appender ended by itself: ${errors}`);
    await cutting;
  } finally {
    child.kill('SIGKILL');
    await power.release();
  }
  return lines;
}

async function readAll(root: string): Promise<Map<string, Message[]>> {
  const all = new Map<string, Message[]>();
  const store = await Store.open(root, { mode: 'read' });
  for await (const { id } of store.sessions()) {
    const session = await store.openSession(id, { mode: 'read' });
    const messages: Message[] = [];
    for await (const { message } of session.messages()) messages.push(message);
    all.set(id, messages);
  }
  await store.close();
  return all;
}

describe.skipIf(trouble !== null)('a power cut', () => {
  const disks: LoopDisk[] = [];
  afterAll(() => {
    for (const disk of disks) disk.destroy();
  });

  test(
    `Store keeps all that was durable through ${cuts} power cuts`,
    async () => {
      const again = `npm run power-cuts -- --cuts ${cuts} --seed ${seed}`;
      process.stdout.write(`${cuts} power cuts with seed ${seed}; again: ${again}\n`);
      const next = chance(seed);
      const disk = new LoopDisk(512);
      disks.push(disk);
      const root = `${disk.directory}/store`;
      const oracle = new Oracle();
      const totals = { torn: 0, atStart: 0, findings: new Map<string, number>() };
      for (let round = 0; round < cuts; round += 1) {
        oracle.begin(round);
        // Now and then right at the start, while the store is opened and recovered.
        const atStart = next() < 0.15;
        const lines = atStart ? 1 + Math.floor(next() * 6) : 10 + Math.floor(next() ** 2 * 1500);
        const plan = { root, round, seed: Math.floor(next() * 2 ** 31), lines };
        await appendUntilCut(disk, oracle, plan);
        disk.unmount();
        disk.mount();
        const where = `round ${round}, ${again}`;
        const report = await recover(root, { mode: 'run' }).catch((error: unknown) => {
          // A store whose first names never reached the disk is not there, and nothing was promised.
          if (oracle.counts.durable > 0) throw new Error(`${where}: ${String(error)}`);
          return null;
        });
        if (report === null) continue;
        expect(['clean', 'healed'], where).toContain(report.verdict);
        const found = await readAll(root);
        const ids = new Set([...found.keys(), ...oracle.sessions()]);
        for (const id of ids) {
          expect(oracle.judge(id, found.get(id) ?? []), where).toEqual([]);
        }
        const second = await recover(root, { mode: 'run' });
        expect(second.verdict, where).toBe('clean');
        totals.atStart += atStart ? 1 : 0;
        totals.torn += report.writers.some((writer) => writer.cut.bytes > 0) ? 1 : 0;
        for (const { code } of report.findings) {
          totals.findings.set(code, (totals.findings.get(code) ?? 0) + 1);
        }
      }
      disk.unmount();
      disk.check();
      const { durable, batched, beyond } = oracle.counts;
      const codes = [...totals.findings].map(([code, count]) => `${code} ${count}`).join(', ');
      process.stdout.write(
        `${cuts} power cuts, ${totals.atStart} of them at the start, ${totals.torn} left a torn ` +
          `batch: ${durable} durable and ${batched} batched acknowledgements, nothing durable is ` +
          `missing, ${beyond} messages came back beyond what was promised (${codes})\n`,
      );
    },
    60_000 + cuts * 10_000,
  );
});
