/** All logs that take part, by the names under which they are asked for. */
import { HoldfastPeer } from './holdfast.ts';
import { JsonLinesPeer } from './json-lines.ts';
import { LevelPeer } from './level.ts';
import { LmdbPeer } from './lmdb.ts';
import type { Peer } from './peer.ts';
import { SqlitePeer } from './sqlite.ts';

/** Everybody but Holdfast. */
export const others = {
  sqlite: (directory: string): Peer => new SqlitePeer(directory),
  lmdb: (directory: string): Peer => new LmdbPeer(directory),
  level: (directory: string): Peer => new LevelPeer(directory),
  lines: (directory: string): Peer => new JsonLinesPeer(directory),
} as const;

/** Names one of the others. */
export type OtherName = keyof typeof others;

/** The names of the others. */
export const otherNames: readonly OtherName[] = ['sqlite', 'lmdb', 'level', 'lines'];

/** Any of all, by name. */
export async function openPeer(name: string, directory: string): Promise<Peer> {
  const other = otherNames.find((one) => one === name);
  return other === undefined ? HoldfastPeer.open(directory) : others[other](directory);
}
