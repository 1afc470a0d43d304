/** What goes into one batch, and so into the journal together or not at all, has bounds. */
import { HoldfastError } from '../base/errors.ts';
import { batchBytesMax, batchFramesMax } from '../base/quantities.ts';
import { batchBytes } from '../journal/batch.ts';
import type { AppendOptions } from './api.ts';
import { itemsOf, requireKnown } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';

const appendOptions = ['durability', 'idempotencyKey', 'signal'];

/** Room that a stream's introduction may take in front of the frames. */
const introductionBytes = 1024;

/**
 * A copy of the list. INVALID for no message at all, TOO_LARGE for more than a batch holds; nothing
 * is written then.
 */
export function messagesOfBatch<T>(messages: readonly T[]): readonly T[] {
  if (!Array.isArray(messages)) {
    const message = `Cannot append: "messages" must be an array, not ${shown(messages)}`;
    throw new HoldfastError('INVALID', message, { path: 'messages' });
  }
  return itemsOf<T>(messages, 'messages', 'append', requireCount);
}

function requireCount(count: number): void {
  const countMax = batchFramesMax - 1;
  if (count > 0 && count <= countMax) return;
  const text = `Cannot append ${count} messages at once: give 1 to ${countMax}`;
  if (count === 0) throw new HoldfastError('INVALID', text, { path: 'messages' });
  throw new HoldfastError('TOO_LARGE', text, { bytes: count, bytesMax: countMax });
}

/** A copy. INVALID for an option that is unknown, or a durability that is none. */
export function requireAppendOptions(given: AppendOptions): AppendOptions {
  const options = requireKnown(given, appendOptions, 'append');
  const { durability } = options;
  if (durability === undefined || durability === 'durable' || durability === 'batched') {
    return options;
  }
  // A misspelt `durable` must not be taken for less.
  const text = `Cannot append: "durability" must be "durable" or "batched", not ${shown(durability)}`;
  throw new HoldfastError('INVALID', text, { path: 'durability' });
}

/** TOO_LARGE when payloads of these sizes do not fit into one batch. */
export function requireBatch(payloadBytes: readonly number[]): void {
  const bytes = batchBytes([...payloadBytes, introductionBytes]);
  if (bytes <= batchBytesMax) return;
  const text = `Cannot append ${bytes} bytes at once: a batch holds ${batchBytesMax}; give fewer messages`;
  throw new HoldfastError('TOO_LARGE', text, { bytes, bytesMax: batchBytesMax });
}
