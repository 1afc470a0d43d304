/**
 * A process that appends to a log until it is killed. It tells on its standard output, one line each
 * and at once: `s SEQ` a large entry is about to be appended, `a SEQ` everything up to it was
 * acknowledged, `e CODE` it failed. Run with: node wal-driver.js DIRECTORY IO COUNT [tear]
 *
 * With `tear` it watches the segment while its thread writes a large entry, and kills itself as soon as
 * the first part of it stands there.
 */
import { closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { Wal } from '../../dist/wal.js';

const [directory, io, count, tear] = process.argv.slice(2);
const wal = await Wal.open(directory, { io, segmentBytes: 4_194_304, syncDelayMsMax: 20 });
const say = (line) => writeSync(1, `${line}\n`);

/** The same as in wal-kill.test.ts: the sequence decides size and content. */
function payloadOf(seq) {
  const bytes = seq % 5 === 0 ? 1_000_000 + (seq % 7) * 400_000 : (seq * 131) % 900;
  return Buffer.alloc(bytes, `entry ${seq};`);
}

/** Kills this process in the middle of the write that the append leads to, if it can be caught. */
async function killInside(appending) {
  const names = readdirSync(directory).filter((name) => name.endsWith('.segment'));
  const files = names.toSorted().map((name) => openSync(`${directory}/${name}`, 'r'));
  const byte = Buffer.alloc(1);
  const isSet = (fd, at) => readSync(fd, byte, 0, 1, at) === 1 && byte[0] !== 0;
  const active = files.findLast((fd) => isSet(fd, 8192 + 4)) ?? files[0];
  const end = endOf(active);
  let done = false;
  const settle = () => {
    done = true;
  };
  appending.then(settle, settle);
  while (!done) {
    if (isSet(active, end + 100_000)) process.kill(process.pid, 'SIGKILL');
    await new Promise(setImmediate);
  }
  for (const fd of files) closeSync(fd);
}

/** Where the content of a segment ends. */
function endOf(fd) {
  const bytes = Buffer.alloc(16 * 1024 * 1024);
  let end = readSync(fd, bytes, 0, bytes.length, 0);
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}

try {
  say(`o ${wal.lastSeq}`);
  const end = wal.lastSeq + Number(count);
  for (let seq = wal.lastSeq + 1; seq <= end; ) {
    const durability = seq % 3 === 0 ? 'durable' : 'batched';
    if (seq % 5 === 0) say(`s ${seq}`);
    if (seq % 11 === 0) {
      const list = [payloadOf(seq), payloadOf(seq + 1), payloadOf(seq + 2)];
      seq = (await wal.appendAll(list, { durability })).lastSeq + 1;
    } else if (seq % 4 === 0) {
      const two = [wal.append(payloadOf(seq), { durability }), wal.append(payloadOf(seq + 1))];
      seq = (await Promise.all(two))[1].seq + 1;
    } else {
      const appending = wal.append(payloadOf(seq), { durability });
      if (tear === 'tear' && seq % 5 === 0) await killInside(appending);
      seq = (await appending).seq + 1;
    }
    say(`a ${seq - 1}`);
  }
} catch (error) {
  say(`e ${error.code ?? error.message}`);
}
// No close and no flush: what is batched must be synced before the process ends by itself.
