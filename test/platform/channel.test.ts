/** Two ends of a channel, in one thread and across two. */
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Channel, channelMemory } from '../../src/platform/channel.ts';
import type { RecordCodec } from '../../src/platform/channel.ts';

interface Note {
  readonly text: string;
}

/** Short notes travel in the ring, long ones over the port. */
const codec: RecordCodec<Note> = {
  measure: ({ text }) => (text.length < 1000 ? 4 + text.length : null),
  write: ({ text }, { bytes, view, at }) => {
    view.setUint32(at, text.length, true);
    bytes.set(new TextEncoder().encode(text), at + 4);
  },
  read: ({ bytes, view, at }) => {
    const length = view.getUint32(at, true);
    return { text: new TextDecoder().decode(bytes.slice(at + 4, at + 4 + length)) };
  },
};
const codecs = { out: codec, in: codec };

function ends(): readonly [Channel<Note, Note>, Channel<Note, Note>] {
  const { near, far } = channelMemory();
  return [new Channel<Note, Note>(near, codecs), new Channel<Note, Note>(far, codecs)];
}

describe('Channel', () => {
  it('Channel keeps the order of messages in the ring and over the port, also when it is full', () => {
    const [near, far] = ends();
    const sent: string[] = [];
    for (let index = 0; index < 3000; index += 1) {
      const text = `${index} ${'x'.repeat(index % 7 === 0 ? 2000 : 900)}`;
      sent.push(text);
      near.send({ text });
    }
    // 3000 short ones are more than the ring holds.
    expect(far.receive().map(({ text }) => text)).toEqual(sent);
    expect(far.receive()).toEqual([]);
    near.close();
    far.close();
  });

  it('Channel listens to what comes while it looks and while it sleeps, until it is closed', async () => {
    const [near, far] = ends();
    const heard: string[] = [];
    let hear: () => void = () => undefined;
    const listening = near.listen(({ text }) => {
      heard.push(text);
      hear();
    });
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        hear = resolve;
      });
    for (const text of ['asleep', 'y'.repeat(5000), 'asleep again']) {
      const heardNext = next();
      far.send({ text });
      await heardNext;
    }
    near.send({ text: 'a question' });
    const answered = next();
    far.send({ text: 'its answer' });
    await answered;
    expect(heard.map((text) => text.slice(0, 12))).toEqual([
      'asleep',
      'yyyyyyyyyyyy',
      'asleep again',
      'its answer',
    ]);
    near.close();
    await listening;
    far.close();
  });

  it('Channel does not sleep over a message that came before', () => {
    const [near, far] = ends();
    far.send({ text: 'early' });
    near.wait(60_000);
    expect(near.receive()).toEqual([{ text: 'early' }]);
    near.wait(1);
    expect(near.receive()).toEqual([]);
  });

  it('Channel wakes a thread that sleeps, and is woken by it', async () => {
    const { near, far } = channelMemory();
    // The other side by hand: it adds one to the number of the newest message, and says so.
    const program = `
      const { workerData } = require('node:worker_threads');
      const received = new Int32Array(workerData.received);
      Atomics.wait(received, 0, 0);
      workerData.port.postMessage({ text: 'seen ' + Atomics.load(received, 0) });
      Atomics.store(new Int32Array(workerData.sent), 0, 1);
      Atomics.notify(new Int32Array(workerData.sent), 0);
    `;
    const worker = new Worker(program, { eval: true, workerData: far, transferList: [far.port] });
    const channel = new Channel<Note, Note>(near, codecs);
    const heard = new Promise<string>((resolve) => {
      channel.listen(({ text }) => resolve(text)).catch(() => undefined);
    });
    channel.send({ text: 'one' });
    expect(await heard).toBe('seen 1');
    channel.close();
    await worker.terminate();
  });
});
