/**
 * No room: a small ext4 that is filled by another file, and a limit on the size of files. The caller is
 * told, nothing acknowledged is lost, and appends resume by themselves.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HoldfastError, recover, Store } from '../../src/index.ts';
import type { Message, Session } from '../../src/index.ts';
import { listing } from '../helpers/listing.ts';
import { LoopDisk, loopDiskTrouble } from '../helpers/loop-disk.ts';
import { messageAt } from './workload.mjs';

const limited = fileURLToPath(new URL('limited.mjs', import.meta.url));
const trouble = loopDiskTrouble();
if (trouble !== null) process.stdout.write(`Full disks are not tested: ${trouble}\n`);

/** Takes all the room that is left, down to the last byte. */
function fill(path: string): void {
  const fd = openSync(path, 'w');
  for (let bytes = 1024 * 1024; bytes >= 1; bytes /= 2) {
    const zeros = new Uint8Array(bytes);
    try {
      for (;;) writeSync(fd, zeros);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(fd);
}

/** Appends until it is refused; the result are the messages that were acknowledged, and the error. */
async function appendUntilRefused(session: Session): Promise<HoldfastError> {
  for (;;) {
    try {
      await session.append(messageAt('ada', session.state.messages, 0));
    } catch (error) {
      if (HoldfastError.is(error)) return error;
      throw error;
    }
  }
}

async function messagesOf(root: string, mode: 'read' | 'write' = 'read'): Promise<Message[]> {
  const store = await Store.open(root, { mode });
  const session = await store.openSession('ada');
  const messages: Message[] = [];
  for await (const { message } of session.messages()) messages.push(message);
  await store.close();
  return messages;
}

const expected = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => messageAt('ada', index, 0));

/** The appender of this folder, and what it has told so far. */
class Limited {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(root: string) {
    this.child = spawn(process.execPath, [limited, root], { stdio: ['pipe', 'pipe', 'inherit'] });
    const input = this.child.stdout;
    if (input === null) throw new Error('The output of the appender is a pipe');
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    return done === true ? 'ended' : value;
  }

  async acknowledged(): Promise<number> {
    const line = await this.next();
    expect(line).toMatch(/^acknowledged \d+$/);
    return Number(line.split(' ')[1]);
  }

  async kill(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

describe.skipIf(trouble !== null)('F29: a full disk', () => {
  let disk: LoopDisk;
  let root: string;
  let filler: string;
  beforeEach(() => {
    disk = new LoopDisk(24);
    root = join(disk.directory, 'store');
    filler = join(disk.directory, 'filler');
  });
  afterEach(() => disk.destroy());

  test('append is told FULL, and resumes by itself once there is room', async () => {
    const store = await Store.open(root, { segmentBytes: 65536 });
    const session = await store.createSession({ id: 'ada' });
    await session.append(messageAt('ada', 0, 0));
    fill(filler);
    const error = await appendUntilRefused(session);
    expect(error).toMatchObject({ code: 'FULL', details: { errno: 'ENOSPC' } });
    const count = session.state.messages;
    expect(count).toBeGreaterThan(1);
    await expect(session.append(messageAt('ada', count, 0))).rejects.toMatchObject({
      code: 'FULL',
    });
    rmSync(filler);
    for (let index = count; index < count + 100; index += 1) {
      await session.append(messageAt('ada', index, 0));
    }
    expect(session.state.messages).toBe(count + 100);
    await store.close();
    expect(await messagesOf(root, 'write')).toEqual(expected(count + 100));
    expect((await recover(root)).verdict).toBe('clean');
  });

  test('append of one session fails, and another session that was told nothing goes on', async () => {
    const store = await Store.open(root, { segmentBytes: 65536 });
    const session = await store.createSession({ id: 'ada' });
    const other = await store.createSession({ id: 'bea' });
    await other.append({ role: 'user', content: 'before' });
    fill(filler);
    await appendUntilRefused(session);
    const count = session.state.messages;
    rmSync(filler);
    await other.append({ role: 'user', content: 'after' });
    await store.close();
    expect(await messagesOf(root)).toEqual(expected(count));
  });

  test('close on a full disk says FULL or succeeds, and loses nothing either way', async () => {
    const store = await Store.open(root, { segmentBytes: 65536 });
    const session = await store.createSession({ id: 'ada' });
    fill(filler);
    await appendUntilRefused(session);
    const count = session.state.messages;
    await store.close().catch((error: unknown) => expect(error).toMatchObject({ code: 'FULL' }));
    rmSync(filler);
    expect(await messagesOf(root, 'write')).toEqual(expected(count));
  });

  test('Store reads everything on a full disk and on one that is mounted read-only', async () => {
    const store = await Store.open(root, { segmentBytes: 65536 });
    const session = await store.createSession({ id: 'ada' });
    fill(filler);
    await appendUntilRefused(session);
    const count = session.state.messages;
    const own: Message[] = [];
    for await (const { message } of session.messages()) own.push(message);
    expect(own).toEqual(expected(count));
    // Another handle sees what is marked as durable; the mark of the newest entry may be due yet.
    const seen = await messagesOf(root);
    expect(seen.length).toBeGreaterThanOrEqual(count - 1);
    expect(seen).toEqual(expected(seen.length));
    await store.close().catch(() => undefined);
    expect(await messagesOf(root)).toEqual(expected(count));
    disk.unmount();
    disk.mount('ro');
    expect(await messagesOf(root)).toEqual(expected(count));
    expect(['clean', 'healable']).toContain((await recover(root)).verdict);
  });

  test('recover on a full disk changes nothing and says how many bytes it needs', async () => {
    const writer = new Limited(root);
    expect(await writer.next()).toBe('open');
    fill(filler);
    const count = await writer.acknowledged();
    expect(await writer.next()).toBe('full ENOSPC');
    await writer.kill();
    // What the writer gave back on its last breath is taken as well.
    fill(`${filler}-2`);
    // The text in GATE names its last holder, for people; it takes no room and decides nothing.
    const files = (): string[] => listing(root).filter((line) => !line.startsWith('GATE '));
    const before = files();
    expect((await recover(root)).bytesNeeded).toBeGreaterThan(0);
    const refusal = await recover(root, { mode: 'run' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'FULL' });
    const needed = (refusal as HoldfastError<'FULL'>).details.bytesNeeded ?? 0;
    expect(needed).toBeGreaterThan(0);
    expect((refusal as Error).message).toContain(String(needed));
    expect(files()).toEqual(before);
    // As much room as was asked for is enough, in whole blocks of the disk.
    truncateSync(filler, statSync(filler).size - Math.ceil(needed / 4096) * 4096);
    expect(await recover(root, { mode: 'run' })).toMatchObject({ verdict: 'healed' });
    expect(await messagesOf(root)).toEqual(expected(count));
  });
});

describe.skipIf(process.platform !== 'linux')('F29: a limit on the size of files', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-limit-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  test('append is told FULL at EFBIG, and resumes when the limit is lifted', async () => {
    const root = join(home, 'store');
    const writer = new Limited(root);
    expect(await writer.next()).toBe('open');
    const limit = (bytes: string): void => {
      execFileSync('prlimit', ['--pid', String(writer.child.pid), `--fsize=${bytes}:`]);
    };
    limit(String(300 * 1024));
    const count = await writer.acknowledged();
    expect(await writer.next()).toBe('full EFBIG');
    limit('unlimited');
    writer.child.stdin?.write('50\n');
    expect(await writer.acknowledged()).toBe(count + 50);
    writer.child.stdin?.end();
    expect(await writer.next()).toBe('closed');
    expect(await messagesOf(root)).toEqual(expected(count + 50));
  });
});
