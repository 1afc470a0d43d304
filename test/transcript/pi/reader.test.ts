/** The fixtures of pi, read. */
import { describe, expect, test } from 'vitest';
import { pi } from '../../../src/transcript/pi/reader.ts';
import { detectFormat } from '../../../src/transcript/formats.ts';
import { bytesSource } from '../../../src/transcript/byte-source.ts';
import {
  expectedOf,
  fixtureBytes,
  fixtureNames,
  foundIn,
} from '../../helpers/expected-transcript.ts';
import { opened, spliced } from '../../helpers/edit-lab.ts';

const names = fixtureNames('pi');

describe('pi', () => {
  test.each(names)('reads %s as it is written down', (name) => {
    const found = foundIn(pi, fixtureBytes('pi', name));
    const expected = expectedOf('pi', name);
    const asked = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
    expect(asked).toEqual(expected);
  });

  test.each(names)('is what the file %s is taken for', (name) => {
    expect(detectFormat(bytesSource(fixtureBytes('pi', name)))?.name).toBe('pi');
  });

  test.each(names)('mends %s so that nothing is left to mend, and changes no message', (name) => {
    const bytes = fixtureBytes('pi', name);
    const before = opened(pi, bytes);
    const again = opened(pi, spliced(bytes, before.mends));
    expect(again.mends).toEqual([]);
    const said = (transcript: typeof before): unknown[] =>
      [...transcript.conversation()].map(({ role, content }) => [role, content]);
    expect(said(again)).toEqual(said(before));
    if (before.mends.length === 0) expect(again.findings).toEqual(before.findings);
  });

  test.each(names)('writes no splice for %s without an edit', (name) => {
    expect(opened(pi, fixtureBytes('pi', name)).write?.([])).toEqual([]);
  });
});
