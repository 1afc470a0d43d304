/**
 * Entry of the thread that writes a journal with synchronous calls: neither a blocked event loop
 * nor a busy libuv pool delays a write, a sync or a timer here. Bundlers find it as
 * `holdfast/io-worker`.
 */
import { initChecksum } from '../format/checksum.ts';
import { nodeRandom } from '../platform/node-clock.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { serveThread } from '../platform/thread.ts';
import { commandCodec, eventCodec } from './journal-codec.ts';
import { JournalWriter } from './journal-writer.ts';
import type {
  JournalCommand,
  JournalEvent,
  JournalSettings,
  JournalStart,
} from './journal-protocol.ts';

/** What the thread begins with. */
export interface WorkerStart {
  readonly settings: JournalSettings;
  readonly origin: JournalStart;
}

const codecs = { command: commandCodec, event: eventCodec };

// Before there is work: until then the thread only waits.
await initChecksum();
await serveThread<WorkerStart, JournalCommand, JournalEvent>(codecs, async (start, emit, clock) => {
  const parts = { fileSystem: nodeFileSystem('inline'), clock, random: nodeRandom() };
  const writer = await JournalWriter.begin(parts, start.settings, start.origin, emit);
  return (commands) => writer.handle(commands);
});
