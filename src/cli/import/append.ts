/**
 * The second pass: messages go into the session in groups, each durable before the next one, so
 * that a crash leaves a prefix.
 */
import type { Transcript } from '../../transcript/transcript.ts';
import type { Message } from '../../session/message.ts';
import type { Session } from '../../store/api.ts';
import type { Watching } from '../transcripts/opened.ts';
import { keptMessages } from './kept.ts';

/** Bounds of one group; a larger message goes alone. */
const groupBytesMax = 4 * 1024 * 1024;
const groupMessagesMax = 1024;

/** Appends what is behind the first `done` messages; answers with how many it appended. */
export async function appendRest(
  session: Session,
  transcript: Transcript,
  work: {
    readonly done: number;
    readonly sizes: readonly number[];
    readonly watching: Watching;
    readonly requireUnchanged: () => void;
  },
): Promise<number> {
  const { sizes, watching } = work;
  let [index, appended, bytes] = [0, 0, 0];
  let group: Message[] = [];
  const flush = async (): Promise<void> => {
    if (group.length === 0) return;
    watching.signal.throwIfAborted();
    work.requireUnchanged();
    await session.appendAll(group);
    appended += group.length;
    [group, bytes] = [[], 0];
    watching.onProgress?.({ what: 'importing', done: index, total: sizes.length });
  };
  for (const { message } of keptMessages(transcript.conversation())) {
    const size = sizes[index] ?? 0;
    if (index >= work.done) {
      if (group.length === groupMessagesMax || bytes + size > groupBytesMax) await flush();
      group.push(message);
      bytes += size;
    }
    index += 1;
  }
  await flush();
  return appended;
}
