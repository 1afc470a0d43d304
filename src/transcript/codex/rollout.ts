/** A rollout that was read, as its parts hand it to each other. */
import type { ByteSource } from '../byte-source.ts';
import { mergeSplices, type Splice } from '../splice.ts';
import { Composer } from './compose.ts';
import { rebuildHistory, type History } from './history.ts';
import { renumbered } from './renumber.ts';
import { scanRollout, type RolloutScan } from './scan.ts';

/** What a file was read into. */
export interface Rollout {
  readonly source: ByteSource;
  readonly scan: RolloutScan;
  readonly history: History;
  readonly composer: Composer;
  /** What mends the bytes; edits are for a file that was mended. */
  readonly mends: readonly Splice[];
}

/** Reads a file; yields how many bytes are done. */
export function* readRollout(source: ByteSource): Generator<number, Rollout, void> {
  const scan = yield* scanRollout(source);
  const history = rebuildHistory(scan.table);
  const composer = new Composer(source, scan.table, history);
  const { mends } = scan.found;
  const isSound = !scan.isMisnumbered;
  const splices = isSound ? [] : renumbered(source, [], { skip: scan.repeated });
  const numbers = splices.map((splice): Splice => ({ ...splice, takes: 'nothing' }));
  return { source, scan, history, composer, mends: mergeSplices(mends, numbers) };
}
