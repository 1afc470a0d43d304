/** What goes into one batch, and so into the journal together or not at all, has bounds. */
import { HoldfastError } from '../base/errors.ts';
import { batchBytesMax, batchFramesMax } from '../base/quantities.ts';
import { batchBytes } from '../journal/batch.ts';
import type { AppendOptions } from './api.ts';
import { requireKnown } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';

const appendOptions = ['durability', 'idempotencyKey', 'signal'];

/** Room that a stream's introduction may take in front of the frames. */
const introductionBytes = 1024;

/**
 * INVALID for no message at all, TOO_LARGE for more than a batch holds; nothing is written then.
 */
export function requireCount(messages: readonly unknown[]): void {
  const countMax = batchFramesMax - 1;
  if (!Array.isArray(messages)) {
    const message = `Cannot append: "messages" must be an array, not ${shown(messages)}`;
    throw new HoldfastError('INVALID', message, { path: 'messages' });
  }
  if (messages.length > 0 && messages.length <= countMax) return;
  const advice = `give 1 to ${countMax}`;
  const text = `Cannot append ${messages.length} messages at once: ${advice}`;
  if (messages.length === 0) throw new HoldfastError('INVALID', text, { path: 'messages' });
  throw new HoldfastError('TOO_LARGE', text, { bytes: messages.length, bytesMax: countMax });
}

/** INVALID for an option that is unknown, or a durability that is none. */
export function requireAppendOptions(options: AppendOptions): void {
  requireKnown(options, appendOptions, 'append');
  const { durability } = options;
  if (durability === undefined || durability === 'durable' || durability === 'batched') return;
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
