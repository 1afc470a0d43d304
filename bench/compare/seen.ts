/** What strace tells of a log that appends: which answers had a sync in front of them. */

/** What was seen of one log. */
export interface Seen {
  readonly syncs: number;
  /** Answers in front of which fewer syncs had come back than answers were given. */
  readonly early: number;
}

/**
 * Reads the output of strace, whose lines are in the order in which calls came back. A call that
 * another thread interrupted has two lines, and only the second has a result.
 */
export function seenIn(log: string): Seen {
  let syncs = 0;
  let early = 0;
  let answers = 0;
  for (const line of log.split('\n')) {
    if (/(sync|sync_file_range)\b.*= 0$/.test(line)) syncs += 1;
    if (!/\bwrite\(2.*"answered"/.test(line)) continue;
    answers += 1;
    if (syncs < answers) early += 1;
  }
  return { syncs, early };
}
