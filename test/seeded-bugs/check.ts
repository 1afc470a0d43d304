/**
 * One check of the simulation, in a process of its own, so that it can run against a copy of the code
 * that has a bug in it: `node check.js '{"history":"rotate"}'`. Ends with 1 when it found a violation,
 * and prints what that was.
 */
import { initChecksum } from '../../src/format/checksum.ts';
import { histories } from '../exhaustive/histories.ts';
import type { History } from '../exhaustive/histories.ts';
import { walkPair } from '../exhaustive/pairs.ts';
import { race } from '../exhaustive/races.ts';
import { rotAtTheEnd, walk } from '../exhaustive/walk.ts';
import { runRound } from '../fuzz/round.ts';
import { targets } from '../fuzz/targets.ts';
import { live } from '../sim/life.ts';
import type { Check } from './checks.ts';

async function run(check: Exclude<Check, { readonly test: string }>): Promise<void> {
  if ('race' in check) {
    await race(check.race, { switchesMax: 2, ordersMax: 400, crashEvery: 3 });
  } else if ('pair' in check) {
    await walkPair(check.pair, { cutsMax: 2, secondsMax: 1 });
  } else if ('history' in check) {
    const { history: name } = check;
    await walk(name, historyOf(name), { disksMax: 12, cutEvery: 40, cutDisksMax: 2 });
  } else if ('fuzz' in check) {
    await fuzz(check.fuzz, check.inputs);
  } else if ('rot' in check) {
    await rotAtTheEnd(check.rot, historyOf(check.rot), 500);
  } else {
    const { violation } = await live({ ...check, skip: new Set() });
    if (violation !== null) throw violation.error;
  }
}

async function fuzz(name: string, inputs: number): Promise<void> {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`No target ${name}`);
  const parts = { coverage: null, begins: () => undefined, corpus: new Map() };
  const { violation } = await runRound([target], { seed: 1, inputs }, parts);
  if (violation !== null) throw violation.error;
}

function historyOf(name: string): History {
  const history = histories[name];
  if (history === undefined) throw new Error(`No history ${name}`);
  return history;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : textOf(error.cause);
}

await initChecksum();
const check = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof run>[0];
try {
  await run(check);
} catch (error) {
  process.stdout.write(`${textOf(error)}\n`);
  process.exitCode = 1;
}
