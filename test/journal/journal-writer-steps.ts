/** What tests of the journal writer do over and over: name a segment, and see how work ends. */
import { HoldfastError } from '../../src/base/errors.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import { directory } from '../helpers/journal-lab.ts';

/** Path of the segment with this number. */
export const segment = (number: number): string => `${directory}/${segmentName(number)}`;

/** An open file keeps the path under which it was made, which ends in a salt. */
export const isOf = (path: string, number: number): boolean => path.includes(segmentName(number));

/** More than a batch of small entries takes. */
export const large = new Uint8Array(3000).fill(6);

/** How a promise ended, as one word or the error's code. */
export async function ended(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (HoldfastError.is(error) ? error.code : String(error)),
  );
}
