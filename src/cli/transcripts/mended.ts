/**
 * A transcript as it reads once its bytes and links are mended: what a plan is made for, and what
 * an import takes. Nothing here changes a file.
 */
import type { Place, PlacedMessage } from '../../integrity/conversation.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import { OriginalPlaces } from '../../transcript/original-places.ts';
import { composed } from '../../transcript/composed-splices.ts';
import type { Splice } from '../../transcript/splice.ts';
import { splicedSource } from '../../transcript/spliced-source.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { reopenedAs } from './opened.ts';
import type { Watching } from './opened.ts';

/** A transcript with its mends. */
export interface Mended {
  /** On the bytes of the file. */
  readonly mends: readonly Splice[];
  /** The bytes with the mends; null where there are none to mend. */
  readonly base: ByteSource | null;
  /** What is read of them; places are those of the mended bytes. */
  readonly mended: Transcript;
  /** The places of the file for those of the mended bytes. */
  readonly original: Originals;
}

/** Gives what has a place of mended bytes the one that it has in the file. */
export interface Originals {
  message(message: PlacedMessage): PlacedMessage;
  findings(findings: readonly TranscriptFinding[]): readonly TranscriptFinding[];
}

/**
 * Which records there are is known once the bytes are sound, and only then what links they need.
 */
const stagesMax = 4;

/** Mends an open transcript, in stages; a store of sessions has no bytes and stays as it is. */
export async function mendedOf(
  source: ByteSource | null,
  transcript: Transcript,
  { path, watching }: { readonly path: string; readonly watching: Watching },
): Promise<Mended> {
  let mended = transcript;
  let mends: readonly Splice[] = [];
  let base = source;
  for (let stage = 0; stage < stagesMax && mended.mends.length > 0; stage += 1) {
    if (source === null) break;
    mends = composed(mends, mended.mends);
    base = splicedSource(source, mends);
    // Of a file that is nothing but a torn record, no bytes stay to be read.
    if (base.size === 0) break;
    // Mended bytes may look like those of another tool, when what named theirs was lost.
    mended = await reopenedAs(transcript.format, base, { path, watching });
  }
  return { mends, base, mended, original: originalsOf(source, transcript, mends) };
}

function originalsOf(
  source: ByteSource | null,
  { findings }: Transcript,
  mends: readonly Splice[],
): Originals {
  if (source === null || mends.length === 0) {
    return { message: (message) => message, findings: (found) => found };
  }
  // Made for who asks: what was taken out is read for its line ends.
  let made: OriginalPlaces | null = null;
  const places = (): OriginalPlaces => {
    made ??= new OriginalPlaces(source, mends);
    return made;
  };
  return {
    message: (message) => places().ofMessage(message),
    findings(left) {
      // What stands in the file as well as in the mended bytes was told with its place there.
      const told = new Map<string, Place>();
      for (const one of findings) {
        if (one.place !== null) told.set(keyOf(one, one.place), one.place);
      }
      return left.map((one) => {
        if (one.place === null) return one;
        const place = places().of(one.place);
        return { ...one, place: told.get(keyOf(one, place)) ?? place };
      });
    },
  };
}

function keyOf({ code }: TranscriptFinding, { offset, length }: Place): string {
  return `${code} ${offset} ${length}`;
}
