/**
 * Lists a store in a process that has done nothing else, and prints what it took.
 *
 *     node list.js ROOT
 */
import './tell-failure.ts';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { FreshList } from '../cases/list.ts';
import { peakRssMiB } from '../memory.ts';

const [root = ''] = process.argv.slice(2);
const begin = performance.now();
const store = await Store.open(root, { mode: 'read' });
let sessions = 0;
for await (const summary of store.sessions()) sessions += summary.messages > 0 ? 1 : 0;
const result: FreshList = { sessions, ms: performance.now() - begin, peakRssMiB: peakRssMiB() };
await store.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
