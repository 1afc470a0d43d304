/**
 * The program whose syncs are counted from outside: opens one log and appends, each message durable
 * before the next. It says so after each answer, where strace sees it between the syncs.
 *
 *     node appends.js NAME DIRECTORY COUNT
 */
import { writeSync } from 'node:fs';
import { openPeer } from '../peers/index.ts';

const mark = 'answered';
const [name = '', directory = '', count = '0'] = process.argv.slice(2);
const peer = await openPeer(name, directory);
for (let made = 0; made < Number(count); made += 1) {
  await peer.append(1);
  writeSync(process.stderr.fd, mark);
}
// Its close may sync as well; what is counted is what an append that was answered has behind it.
process.exit(0);
