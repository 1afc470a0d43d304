/** Reading and changing transcripts that are in memory. */
import type { PlacedMessage } from '../../../src/integrity/conversation.ts';
import { bytesSource } from '../../../src/transcript/byte-source.ts';
import { claudeCode } from '../../../src/transcript/claude-code/reader.ts';
import type { Splice } from '../../../src/transcript/splice.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';

/** The transcript of some bytes. */
export function opened(bytes: Uint8Array): Transcript {
  const reading = claudeCode.open(bytesSource(bytes));
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
  }
}

/** Each message as its role and a word or two for each block. */
export function shown(transcript: Transcript): string[][] {
  return [...transcript.conversation()].map(shownMessage);
}

function shownMessage({ role, content }: PlacedMessage): string[] {
  const words = content.map((block) => {
    const { type, text, id, tool_use_id: of } = block as Record<string, unknown>;
    const more = [text, id, of].find((one) => typeof one === 'string');
    return typeof more === 'string' ? `${type as string} ${more}` : (type as string);
  });
  return [role, ...words];
}

/** The bytes with the splices; they must be in order and apart. */
export function applied(bytes: Uint8Array, splices: readonly Splice[]): Buffer {
  const pieces: Uint8Array[] = [];
  let done = 0;
  for (const { offset, length, bytes: fresh } of splices) {
    if (offset < done) throw new Error(`splice at ${offset} overlaps what ends at ${done}`);
    pieces.push(bytes.subarray(done, offset), fresh);
    done = offset + length;
  }
  return Buffer.concat([...pieces, bytes.subarray(done)]);
}
