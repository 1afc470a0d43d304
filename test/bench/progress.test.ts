/** The line that shows how far preparations are. */
import { expect, test } from 'vitest';
import { Progress } from '../../bench/progress.ts';

/** What is written to a stream that is, or is not, a terminal. */
function stream(isTTY: boolean): { readonly written: string[]; readonly progress: Progress } {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { written, progress: new Progress({ isTTY, write }) };
}

test('Progress shows a share on a terminal, not too often, and takes itself away', () => {
  const { written, progress } = stream(true);
  progress.clear();
  progress.show('writing', 1, 4);
  progress.show('writing', 2, 4);
  progress.clear();
  expect(written).toEqual(['\r\u001b[Kwriting: 25 %', '\r\u001b[K']);
});

test('Progress writes nothing into a pipe', () => {
  const { written, progress } = stream(false);
  progress.show('writing', 1, 4);
  progress.clear();
  expect(written).toEqual([]);
});
