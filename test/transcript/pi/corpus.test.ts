/** Real sessions of pi, when HOLDFAST_CORPUS names the folder that holds them in `pi/`. */
import { describe, expect, test } from 'vitest';
import { pi } from '../../../src/transcript/pi/reader.ts';
import { expectRoundTrip, realFiles, seenIn, type Seen } from '../../helpers/real-transcripts.ts';

/** Answers that broke off are not sent, nor their calls; one call was cut off by a compaction. */
const known: Readonly<Record<string, Partial<Seen>>> = {
  'pi-before-compaction': {
    records: 1003,
    open: 1,
    findings: [],
    errors: ['DANGLING_TOOL_CALL@628'],
  },
};

const files = realFiles('pi');

describe('pi', () => {
  test('reads real sessions as they are known, when they are there', () => {
    for (const { name, bytes } of files) {
      const seen = seenIn(pi, bytes);
      console.log(`pi/${name}: ${JSON.stringify(seen)}`);
      expect({ name, ...seen }).toMatchObject({ name, ...known[name] });
      expectRoundTrip(pi, bytes);
    }
    if (files.length === 0) console.log('HOLDFAST_CORPUS names no folder pi/: nothing was run');
  });
});
