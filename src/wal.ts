/**
 * The door `holdfast/wal`: the bare log, for those who want a write-ahead log and nothing of
 * sessions.
 *
 *     const wal = await Wal.open('/var/lib/agent/log');
 *     const { seq } = await wal.append(bytes); // survives power loss from here on
 *     for await (const entry of wal.read({ from: 1 })) …
 *     await wal.close();
 */
import { resolve } from 'node:path';
import { requirePath } from './base/known-options.ts';
import { openWal } from './log/open-wal.ts';
import type { Wal as OpenWal } from './log/wal-log.ts';
import type { WalOptions } from './log/wal-options.ts';
import { nodeParts } from './recovery/parts.ts';

export { HoldfastError } from './base/errors.ts';
export type { ErrorCode, ErrorDetails, SeqRange } from './base/errors.ts';
export type { LogEntry } from './log/read-entries.ts';
export type {
  WalAppendOptions,
  WalDamage,
  WalOptions,
  WalReadOptions,
  WalRecovery,
} from './log/wal-options.ts';

/** An open log. */
export type Wal = OpenWal;

/** Opens logs. */
export const Wal: { open(directory: string, options?: WalOptions): Promise<Wal> } = {
  async open(directory, options = {}) {
    requirePath(directory, 'directory', 'open the log');
    return openWal(await nodeParts(), resolve(directory), options);
  },
};
