/**
 * Messages between two threads, in order, in both directions. Small ones that the codec knows
 * travel in shared memory, all others over a message port. Every message has a number, so the order
 * holds across both: the receiver takes the next number from whichever has it.
 *
 * Why not the port alone: measured beside a loop of pwrite + fdatasync, a thread that is spoken to
 * over a port took 1.8 to 1.9 times as long as the loop; with shared memory and Atomics 1.3 to 1.5
 * times, and about 1.1 times when the caller looks for the answer instead of sleeping. Cloning a
 * message and making the event for it cost as much as waking the thread.
 *
 * A thread that waits for a message with `wait` sleeps in the kernel and hears nothing else; one
 * that `listen`s goes on with its event loop.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';
import { present } from '../base/assert.ts';
import { inNextTurn, monotonicMs } from './real-timers.ts';
import { ringMemory, SharedRing } from './shared-ring.ts';
import type { RecordPlace, RingMemory } from './shared-ring.ts';

/**
 * Records that the other side has not taken yet; a message that finds no room goes over the port.
 * Commands carry what is written, events are small.
 */
const commandRingBytes: number = 2 * 1024 * 1024;
const eventRingBytes: number = 512 * 1024;

/**
 * How long `listen` looks for the answer to a small message, once in every turn of the event loop,
 * before it sleeps until it is woken. Waking a thread that sleeps costs 20 to 60 us on a virtual
 * machine, as much as half of an fdatasync; a disk that takes longer than this does not notice.
 * With one processor the other thread could not work meanwhile.
 */
const lookMs: number = availableParallelism() > 1 ? 0.5 : 0;
/** Turns after which `listen` sleeps, whatever the clock says. */
const lookTurnsMax = 1000;
/** How long `wait` looks for the next message before it sleeps, for the same reason. */
const nextLookMs: number = availableParallelism() > 1 ? 0.08 : 0;

/** How messages of one direction become records. */
export interface RecordCodec<T> {
  /** Bytes of the record; null for a message that goes over the port. */
  measure(message: T): number | null;
  write(message: T, place: RecordPlace): void;
  /** Makes the message again, with copies of all bytes. */
  read(place: RecordPlace): T;
}

/** What one end of a channel is made of. It can be handed to a thread. */
export interface ChannelMemory {
  readonly port: MessagePort;
  readonly outgoing: RingMemory;
  readonly incoming: RingMemory;
  /** The number of the newest message, one for each direction. */
  readonly sent: SharedArrayBuffer;
  readonly received: SharedArrayBuffer;
}

/** The memory of both ends of a new channel. The port has to be transferred with its end. */
export function channelMemory(): { readonly near: ChannelMemory; readonly far: ChannelMemory } {
  const { port1, port2 } = new MessageChannel();
  const [there, back] = [ringMemory(commandRingBytes), ringMemory(eventRingBytes)];
  const number = (): SharedArrayBuffer => new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const [sent, received] = [number(), number()];
  return {
    near: { port: port1, outgoing: there, incoming: back, sent, received },
    far: { port: port2, outgoing: back, incoming: there, sent: received, received: sent },
  };
}

/** One end, used by one thread. */
export class Channel<Out, In> {
  readonly #port: MessagePort;
  readonly #outgoing: SharedRing;
  readonly #incoming: SharedRing;
  readonly #sentCell: Int32Array;
  readonly #arrivedCell: Int32Array;
  readonly #codecs: { readonly out: RecordCodec<Out>; readonly in: RecordCodec<In> };
  #sent = 0;
  #received = 0;
  #closed = false;
  #hasJustReceived = false;
  /** Until then `listen` looks for an answer once in every turn of the event loop. */
  #lookUntilMs = 0;
  #turns = 0;
  /** Ends the sleep of `listen`. */
  #wake: () => void = () => undefined;
  /** The wait for the next message that is under way. */
  #awaited: Promise<unknown> | null = null;

  constructor(
    memory: ChannelMemory,
    codecs: { readonly out: RecordCodec<Out>; readonly in: RecordCodec<In> },
  ) {
    this.#port = memory.port;
    this.#outgoing = new SharedRing(memory.outgoing);
    this.#incoming = new SharedRing(memory.incoming);
    this.#sentCell = new Int32Array(memory.sent);
    this.#arrivedCell = new Int32Array(memory.received);
    this.#codecs = codecs;
  }

  /** Sends a message; buffers in `transfer` move, but only if it goes over the port. */
  send(message: Out, transfer: readonly Transferable[] = []): void {
    this.#sent = (this.#sent + 1) | 0;
    const { out } = this.#codecs;
    const bytes = out.measure(message);
    const isInRing =
      bytes !== null && this.#outgoing.put(this.#sent, bytes, (place) => out.write(message, place));
    if (!isInRing) this.#port.postMessage(message, transfer);
    Atomics.store(this.#sentCell, 0, this.#sent);
    Atomics.notify(this.#sentCell, 0);
    if (!isInRing || lookMs === 0) return;
    this.#lookUntilMs = monotonicMs() + lookMs;
    this.#turns = 0;
    this.#wake();
  }

  /** Every message that has come, in order. */
  receive(): In[] {
    const messages: In[] = [];
    const newest = Atomics.load(this.#arrivedCell, 0);
    this.#hasJustReceived = newest !== this.#received;
    while (this.#received !== newest) {
      this.#received = (this.#received + 1) | 0;
      const record = this.#incoming.take(this.#received, (place) => this.#codecs.in.read(place));
      messages.push(record ?? this.#fromPort());
    }
    return messages;
  }

  #fromPort(): In {
    // It was posted before its number was.
    const posted = receiveMessageOnPort(this.#port) as { readonly message: In } | undefined;
    return present(posted, 'a message that was sent is in the ring or at the port').message;
  }

  /**
   * Sleeps until a message is there or the time is over. Blocks the thread. Right behind a message
   * it looks for a moment first, because who waited for an answer often has the next question.
   */
  wait(longestMs: number): void {
    if (this.#hasJustReceived) {
      const endMs = monotonicMs() + Math.min(longestMs, nextLookMs);
      do {
        if (Atomics.load(this.#arrivedCell, 0) !== this.#received) return;
      } while (monotonicMs() < endMs);
    }
    Atomics.wait(this.#arrivedCell, 0, this.#received, longestMs);
  }

  /** Hands on every message as it comes, until `close`. Does not keep the process alive. */
  async listen(take: (message: In) => void): Promise<void> {
    while (!this.#closed) {
      for (const message of this.receive()) take(message);
      this.#turns += 1;
      if (monotonicMs() < this.#lookUntilMs && this.#turns < lookTurnsMax) await oneTurn();
      else await this.#sleep();
    }
  }

  /** Until a message comes, or one is sent whose answer is worth looking for. */
  async #sleep(): Promise<void> {
    const sent = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([this.#arrival(), sent]);
  }

  /** Settles when a message has come that was not received when it was asked for. */
  #arrival(): Promise<unknown> {
    if (this.#awaited !== null) return this.#awaited;
    const { async: isWaiting, value } = es2024.waitAsync(this.#arrivedCell, 0, this.#received);
    if (!isWaiting) return Promise.resolve();
    // One at a time: those that nobody waits for any more would pile up.
    this.#awaited = Promise.resolve(value).finally(() => {
      this.#awaited = null;
    });
    return this.#awaited;
  }

  /** Ends `listen`. What comes later is not heard. */
  close(): void {
    this.#closed = true;
    this.#wake();
    Atomics.notify(this.#arrivedCell, 0);
    this.#port.close();
  }
}

function oneTurn(): Promise<void> {
  return new Promise((resolve) => {
    inNextTurn(resolve);
  });
}

/** `waitAsync` is part of ES2024, and in every Node that we support. */
const es2024 = Atomics as unknown as {
  waitAsync(
    cell: Int32Array,
    index: number,
    value: number,
  ): { readonly async: boolean; readonly value: Promise<string> | string };
};
