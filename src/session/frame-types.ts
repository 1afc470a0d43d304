/**
 * Frame types of sessions, as they stand in frame headers. Below 16 is the journal's own business.
 * A number is never given a second meaning; a new one is added at the end of its row.
 */

/** The life of a session: 16 to 31. */
export const streamFrameType = {
  attach: 16,
  detach: 17,
  delete: 18,
  recovered: 19,
  loss: 20,
  base: 150,
} as const;

/** One type for each kind of event: 32 to 127. */
export const eventFrameType = {
  message: 32,
  metadata: 33,
  intent: 34,
  outcome: 35,
  status: 36,
  custom: 37,
  rewind: 39,
  compaction: 41,
  // With the high bit: restore points help and are no part of the conversation. One whose payload
  // is damaged costs nothing else, and an older version may pass over them.
  snapshot: 166,
  label: 168,
  forget: 170,
} as const;

const knownTypes = new Set<number>([
  ...Object.values(streamFrameType),
  ...Object.values(eventFrameType),
]);

/** False for a frame that this version must not pass over: a newer one wrote it. */
export function isKnownSessionType(type: number): boolean {
  return (type & 0x80) !== 0 || knownTypes.has(type);
}

/** True for an entry of a newer version that says itself that an older one may pass over it. */
export function isPassedOver(type: number): boolean {
  return (type & 0x80) !== 0 && !knownTypes.has(type);
}
