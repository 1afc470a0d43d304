/** What a journal on a disk says to be durable. */
import fs from 'node:fs';
import { join } from 'node:path';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { decodeControl, frameType } from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';

/** Durable marks of the mark frames in the first segment of the only journal. */
export function durableMarks(journals: string): readonly number[] {
  const [writer = ''] = fs.readdirSync(journals);
  const name = fs.readdirSync(join(journals, writer)).find((one) => one.endsWith('1.segment'));
  const bytes = new Uint8Array(fs.readFileSync(join(journals, writer, name ?? '')));
  const header = decodeSegmentHeader(bytes);
  if ('kind' in header) throw new Error('The header is bad');
  const marks: number[] = [];
  for (let at = fileHeaderBytes; ; ) {
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 });
    if (isFault(frame)) return marks;
    if (frame.type === frameType.mark) marks.push(decodeControl(frame.payload)?.durableMark ?? 0);
    at += frameBytes(frame.payload.length);
  }
}
