/**
 * Whether anybody can still read what this process writes into a pipe. A write tells (EPIPE), but a
 * process that waits has nothing to write, and Node watches a pipe only while a write is under way.
 * `poll(2)` knows: a pipe without a reader is in error. The one door to it in Node's own modules is
 * `poll_oneoff` of its WASI, which asks without a module of WebAssembly, without a child process,
 * and without a byte in the pipe.
 *
 * Sockets are not asked: there a peer that only stopped to send, as `ssh` does behind the end of
 * its input, cannot be told from one that is gone.
 */
import { fstatSync } from 'node:fs';

/** A look at the read end of a pipe; takes about a millisecond. */
export type ReadEnd = () => 'there' | 'gone';

/** The layout that WASI fixes: subscriptions, then the events that came, then how many. */
const at = { subscriptions: 0, events: 256, count: 512 } as const;
const subscriptionBytes = 48;
const kind = { clock: 0, read: 1 } as const;
/** Shorter, the timer would be due before the pipe is asked. */
const waitNs = 1_000_000n;

/** As much of the global as is used; the types of Node leave it to those of browsers. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
const global = globalThis as unknown as {
  readonly WebAssembly: { readonly Memory: new (pages: { readonly initial: number }) => Memory };
};

/** A look at the pipe behind this descriptor of this process; null when it is none, or no look. */
export async function readEndOf(descriptor: 0 | 1 | 2): Promise<ReadEnd | null> {
  try {
    if (!fstatSync(descriptor).isFIFO()) return null;
    const { WASI } = await withoutWarning(() => import('node:wasi'));
    const wasi = new WASI({ version: 'preview1', stdout: descriptor });
    const memory = new global.WebAssembly.Memory({ initial: 1 });
    wasi.initialize({ exports: { memory } });
    const poll: unknown = (wasi.wasiImport as Record<string, unknown>)['poll_oneoff'];
    if (typeof poll !== 'function') return null;
    return () => look(memory, poll as Poll);
  } catch {
    // A machine or a Node that has none of this: then the next write tells.
    return null;
  }
}

type Poll = (subscriptions: number, events: number, entries: number, count: number) => number;

function look(memory: Memory, poll: Poll): 'there' | 'gone' {
  const view = new DataView(memory.buffer);
  new Uint8Array(memory.buffer).fill(0, 0, at.count + 8);
  // Standard output of the sandbox is the pipe. It is never readable, so only an error answers.
  view.setUint8(at.subscriptions + 8, kind.read);
  view.setUint32(at.subscriptions + 16, 1, true);
  const clock = at.subscriptions + subscriptionBytes;
  view.setUint8(clock + 8, kind.clock);
  view.setUint32(clock + 16, 1, true);
  view.setBigUint64(clock + 24, waitNs, true);
  if (poll(at.subscriptions, at.events, 2, at.count) !== 0) return 'there';
  if (view.getUint32(at.count, true) === 0) return 'there';
  const [error, type] = [view.getUint16(at.events + 8, true), view.getUint8(at.events + 10)];
  return type === kind.read && error !== 0 ? 'gone' : 'there';
}

/** Node calls WASI an experiment, on standard error, where it would say nothing to a user. */
async function withoutWarning<T>(load: () => Promise<T>): Promise<T> {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
