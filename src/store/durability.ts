/** How sure an answer is. */

/**
 * `durable`: resolves when an fsync that began after the write has returned; survives power loss.
 * `batched`: resolves when the bytes are with the operating system; survives the death of the
 * process, and is synced at most `syncDelayMsMax` or `syncEntriesMax` entries later.
 */
export type Durability = 'durable' | 'batched';
