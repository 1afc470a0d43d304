/**
 * Opens a session in a process that has done nothing else, and prints what it took. Without a store it
 * loads nothing: the memory of an empty process.
 *
 *     node open.js [ROOT ID]
 */
import './tell-failure.ts';
import { performance } from 'node:perf_hooks';
import { peakRssMiB } from '../memory.ts';
import type { FreshOpen } from '../cases/open.ts';

const [root, id = ''] = process.argv.slice(2);

async function open(at: string): Promise<FreshOpen> {
  const begin = performance.now();
  const { Store } = await import('holdfast');
  const loaded = performance.now();
  const store = await Store.open(at, { checkpoints: false });
  const opened = performance.now();
  const session = await store.openSession(id);
  const ready = performance.now();
  // Before the close: that is not what is measured.
  const peak = peakRssMiB();
  const { messages } = session.state;
  await store.close();
  return {
    loadMs: loaded - begin,
    storeMs: opened - loaded,
    sessionMs: ready - opened,
    peakRssMiB: peak,
    messages,
  };
}

const empty = { loadMs: 0, storeMs: 0, sessionMs: 0, messages: 0 };
const result = root === undefined ? { ...empty, peakRssMiB: peakRssMiB() } : await open(root);
process.stdout.write(`${JSON.stringify(result)}\n`);
