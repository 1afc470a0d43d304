/**
 * A writer that is going to be killed. It opens the store, says `open`, and at the next line on its
 * standard input fills its journal as fast as it can: everything is handed over in one turn, so that
 * settling has had next to no time when the last entry is durable. Then it says `full`, and waits.
 *
 *     node writer.js ROOT BYTES WORKLOAD SEED SESSIONS TEXT-BYTES
 */
import './tell-failure.ts';
import { once } from 'node:events';
import { Store } from 'holdfast';
import type { NewMessage } from 'holdfast';
import { arrivals } from '../workloads.ts';
import type { WorkloadName } from '../workloads.ts';

const [root = '', bytes, workload, seed, sessionCount, textBytes] = process.argv.slice(2);
const count = Number(sessionCount);
const groupMax = 500;

const store = await Store.open(root, { checkpoints: false, segmentBytes: 16 * 1024 * 1024 });
const sessions = await Promise.all(Array.from({ length: count }, () => store.createSession()));
const options = { seed: Number(seed), sessions: count, textBytes: Number(textBytes) };
const messages = arrivals(workload as WorkloadName, options);
const groups: { readonly session: number; readonly messages: NewMessage[] }[] = [];
const latest = new Map<number, NewMessage[]>();
for (let made = 0; made < Number(bytes); ) {
  const arrival = messages.next().value;
  let group = latest.get(arrival.session);
  if (group === undefined || group.length === groupMax) {
    group = [];
    latest.set(arrival.session, group);
    groups.push({ session: arrival.session, messages: group });
  }
  group.push(arrival.message);
  made += arrival.bytes;
}
process.stdout.write('open\n');
await once(process.stdin, 'data');
await Promise.all(groups.map(({ session, messages: all }) => sessions[session]?.appendAll(all)));
process.stdout.write('full\n');
// The pipe keeps it alive until it is killed.
