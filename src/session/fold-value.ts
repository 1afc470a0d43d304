/**
 * The whole fold as bytes, for bases: what a session needs to go on without reading its past. The
 * same fold gives the same bytes, so two folds are equal if and only if their bytes are.
 *
 * The payload is one map: the members of `StateImage`, and beside them
 *
 *     lastSeq, entries   counts               cuts, rewound   what rewinds did
 *     keys               [[key, from, to]]    marks, triggered   the list of snapshots
 */
import { HoldfastError } from '../base/errors.ts';
import { decodePayload, encodePayload } from '../format/payload.ts';
import type { Cut } from './event.ts';
import { imageOf, newFold, restoreImage } from './fold.ts';
import type { Fold } from './fold.ts';
import type { KeyRow } from './key-ranges.ts';
import type { SnapshotMark } from './snapshot-marks.ts';
import type { OpenCall, StateImage } from './state.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;
type Member =
  | keyof StateImage
  | 'lastSeq'
  | 'entries'
  | 'cuts'
  | 'rewound'
  | 'keys'
  | 'marks'
  | 'triggered';

/** INVALID or TOO_LARGE for a fold that no payload can hold, such as metadata of 64 MiB. */
export function encodeFold(fold: Fold): Uint8Array {
  const keys = fold.keys.list();
  const { lastSeq, entries, cuts, rewound } = fold;
  const value = { ...imageOf(fold), ...fold.snapshots.image() };
  return encodePayload({ ...value, lastSeq, entries, cuts, rewound, keys }, '');
}

/**
 * Null when the bytes are no fold. Everything that folding or showing relies on is looked at, so
 * that a base that is wrong is refused as a whole and the past is read instead.
 */
export function decodeFold(bytes: Uint8Array): Fold | null {
  let value: unknown;
  try {
    value = decodePayload(bytes);
  } catch (error) {
    if (!HoldfastError.is(error, 'UNDECODABLE')) throw error;
    return null;
  }
  if (!isMap(value)) return null;
  for (const [name, check] of Object.entries(members)) if (!check(value[name])) return null;
  const fold = newFold();
  // Every member was looked at just now; the types follow from the checks.
  restoreImage(fold, value as unknown as StateImage);
  fold.lastSeq = value['lastSeq'] as number;
  fold.entries = value['entries'] as number;
  fold.cuts = value['cuts'] as readonly Cut[];
  fold.rewound = value['rewound'] as Fold['rewound'];
  const [marks, triggered] = [value['marks'] as SnapshotMark[], value['triggered'] as number];
  fold.snapshots.restore({ marks, triggered });
  fold.keys.restore(value['keys'] as readonly KeyRow[]);
  return fold;
}

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

function optional(check: Check): Check {
  return (value) => value === undefined || value === null || check(value);
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function mapOf(checks: Readonly<Record<string, Check>>): Check {
  const rows = Object.entries(checks);
  return (value) => isMap(value) && rows.every(([name, check]) => check(value[name]));
}

function tupleOf(...checks: readonly Check[]): Check {
  return (value) =>
    Array.isArray(value) &&
    value.length === checks.length &&
    checks.every((check, at) => check(value[at]));
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const progresses: readonly OpenCall['progress'][] = [
  'not-started',
  'started',
  'unknown-outcome',
  'finished',
];

const isCall: Check = mapOf({
  callId: isText,
  name: isText,
  messageSeq: orNull(isCount),
  intentSeq: orNull(isCount),
  progress: (value) => progresses.some((progress) => progress === value),
});

const isMark: Check = mapOf({
  id: isCount,
  timeMs: isNumber,
  messageIndex: isCount,
  action: isText,
  trigger: orNull(isText),
  label: orNull(isText),
  contentDigest: isText,
});

const isCompaction: Check = mapOf({
  seq: isCount,
  summary: isText,
  lastMessageId: optional(isText),
  tokenCount: optional(isCount),
});

/** Members that are not named here were added by a newer minor version and are passed over. */
const members: Readonly<Record<Member, Check>> = {
  messages: isCount,
  userMessages: isCount,
  assistantMessages: isCount,
  toolUses: isCount,
  toolResults: isCount,
  status: orNull(isText),
  title: orNull(isText),
  contentDigest: isText,
  createdMs: orNull(isNumber),
  updatedMs: orNull(isNumber),
  metadata: isMap,
  openCalls: listOf(isCall),
  finishedEarly: listOf(isCall),
  compaction: orNull(isCompaction),
  lastSeq: isCount,
  entries: isCount,
  cuts: listOf(tupleOf(isCount, isCount)),
  rewound: orNull(mapOf({ seq: isCount, to: isCount })),
  keys: listOf(tupleOf(isText, isCount, isCount)),
  marks: listOf(isMark),
  triggered: isCount,
};
