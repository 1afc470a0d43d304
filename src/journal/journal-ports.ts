/** The ways to reach a journal writer: a thread of its own, or the caller's thread. */
import { moduleBeside } from '../platform/compiled-module.ts';
import { monotonicMs } from '../platform/real-timers.ts';
import { hireThread } from '../platform/thread.ts';
import type { Thread } from '../platform/thread.ts';
import { AnswerPace } from './answer-pace.ts';
import { commandCodec, eventCodec, transferBytesMin } from './journal-codec.ts';
import type { JournalPort, JournalThread } from './journal-port.ts';
import { JournalWriter } from './journal-writer.ts';
import { noMeasures, plainError } from './journal-protocol.ts';
import type {
  JournalCommand,
  JournalEvent,
  JournalSettings,
  JournalStart,
} from './journal-protocol.ts';
import type { SegmentParts } from './segment-maker.ts';
import type { WorkerStart } from './journal-worker.ts';

/**
 * Starts a thread for a journal that is still to be made; it touches no file before. The death of
 * the thread is told as poison: nobody knows what it synced.
 */
export function hireJournalThread(): JournalThread {
  const module = moduleBeside('journal-worker', import.meta.url);
  const codecs = { command: commandCodec, event: eventCodec };
  const hired = hireThread<WorkerStart, JournalCommand, JournalEvent>(module, codecs);
  return {
    begin: async (settings, origin) => threadPort(await hired.begin({ settings, origin })),
    dismiss: () => hired.dismiss(),
  };
}

function threadPort(thread: Thread<JournalCommand, JournalEvent>): JournalPort {
  const pace = new AnswerPace();
  return {
    post: (command) => {
      if (command.kind === 'submit') pace.posted(monotonicMs());
      thread.post(command, transferable(command));
    },
    onEvent: (listener) => {
      thread.onEvent((event) => {
        if (event.kind === 'progress' && event.durable.length > 0) pace.answered(monotonicMs());
        listener(event);
      });
      thread.onDeath((error) => {
        const plain = plainError(error);
        listener({ kind: 'poisoned', tickets: [], error: plain, durableSeq: 0, writtenSeq: 0 });
        listener({ kind: 'closed', error: plain, counters: null, measures: noMeasures });
      });
    },
    keepAlive: (reason) => (reason === 'unsynced' ? thread.ref() : thread.unref()),
    get isQuick() {
      return pace.isQuick;
    },
    end: () => thread.end(),
  };
}

/** A writer on the caller's thread, over whatever file system it is given. */
export async function localPort(
  parts: SegmentParts,
  settings: JournalSettings,
  origin: JournalStart,
): Promise<JournalPort> {
  let listener: ((event: JournalEvent) => void) | null = null;
  const writer = await JournalWriter.begin(parts, settings, origin, (event) => listener?.(event));
  return {
    post: (command) => writer.handle([command]),
    onEvent: (take) => {
      listener = take;
    },
    keepAlive: () => undefined,
    // Here nothing is done at the same time.
    isQuick: false,
    end: () => Promise.resolve(),
  };
}

function transferable(command: JournalCommand): ArrayBuffer[] {
  if (command.kind !== 'submit') return [];
  const buffers: ArrayBuffer[] = [];
  for (const { frames } of command.submissions) {
    for (const { payload } of frames) {
      const { buffer } = payload;
      if (payload.byteLength < transferBytesMin || payload.byteLength < buffer.byteLength) continue;
      if (buffer instanceof ArrayBuffer) buffers.push(buffer);
    }
  }
  return buffers;
}
