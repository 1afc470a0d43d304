/** What tests of the bare log do over and over: fill one, name a segment, and fail on purpose. */
import { expect } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import type { Wal } from '../../src/log/wal-log.ts';
import { logDirectory, payloadOf, upTo } from '../helpers/wal-lab.ts';

/** Appends these sequences, one behind the other. */
export async function fill(wal: Wal, from: number, to: number, bytes?: number): Promise<void> {
  for (const seq of upTo(to, from)) {
    expect(await wal.append(payloadOf(seq, bytes))).toEqual({ seq });
  }
}

/** The error that work ends with; it must be one of ours. */
export async function failure(promise: Promise<unknown>): Promise<HoldfastError> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (!HoldfastError.is(error)) throw error;
  return error;
}

/** Path of the segment with this number. */
export const segment = (number: number): string => `${logDirectory}/${segmentName(number)}`;
