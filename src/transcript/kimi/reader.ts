/** Sessions of Kimi Code: `wire.jsonl`, a log from which its context is made again. */
import { openEvents } from '../event-history.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, textOf } from '../json-value.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import { wireWords } from './wire.ts';

/** Reads what Kimi Code writes. */
export const kimi: FormatReader = {
  name: 'kimi',
  recognise(first) {
    const events = first.map(asObject);
    const isWire = (event: JsonObject | null): boolean =>
      textOf(event, 'type')?.startsWith('context.append_') === true;
    const head = events[0] ?? null;
    const isHead = textOf(head, 'type') === 'metadata' && head?.['protocol_version'] !== undefined;
    if (isHead) return 1;
    return events.some(isWire) ? 0.9 : 0;
  },
  *open(source): Generator<number, Transcript, void> {
    return yield* openEvents(source, wireWords);
  },
};
