/**
 * What must hold before a session is opened: otherwise the error that says what is wrong with it.
 */
import { HoldfastError, fromSystem } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { formatVersion } from '../format/segment-header.ts';
import type { Head } from '../format/head.ts';
import { relative, sessionPaths } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import type { SessionReading } from '../recovery/read-session.ts';
import { damagedError } from '../recovery/report-builder.ts';
import { requireNoStray } from '../recovery/scan.ts';
import type { SessionScan } from '../recovery/scan.ts';

/** The head of a session that can be opened. NOT_FOUND, INVALID, DAMAGED, NEWER_FORMAT, IO. */
export function requireSound(layout: Layout, scan: SessionScan): Head {
  const { id, head, fault, paths } = scan;
  requireNoStray(scan);
  const file = relative(layout, paths.history);
  switch (fault) {
    case null:
      break;
    case 'gone':
      throw sessionNotFound(id);
    case 'missing':
      throw damagedError(id, [{ from: 1, to: null }], {
        file,
        offset: null,
        reason: 'its history is gone',
      });
    case 'unreadable':
      throw fromSystem(scan.error, `read session ${JSON.stringify(id)}`, paths.history);
    case 'newer':
      throw new HoldfastError(
        'NEWER_FORMAT',
        `Cannot open session ${JSON.stringify(id)}: a newer version wrote it; upgrade Holdfast`,
        { found: 'newer', supported: `${formatVersion.major}.x` },
      );
    case 'damaged':
      throw damagedError(id, [{ from: 1, to: null }], {
        file,
        offset: 0,
        reason: 'both blocks of its head are damaged',
      });
    case 'foreign':
      throw damagedError(id, [{ from: 1, to: null }], {
        file,
        offset: 0,
        reason: 'something else stands in its place',
      });
  }
  if (head === null) throw sessionNotFound(id);
  if (head.damage !== null) {
    const { from, to } = head.damage;
    const reason = 'its journal lost entries';
    throw damagedError(id, [{ from, to }], { file, offset: null, reason });
  }
  return head;
}

/** DAMAGED or UNDECODABLE when reading the history found something. */
export function requireWhole(layout: Layout, id: string, reading: SessionReading): void {
  const { damage, lost } = reading.walk;
  const file = relative(layout, sessionPaths(layout, id).history);
  if (damage !== null) {
    throw damagedError(id, lost, { file, offset: damage.offset, reason: damage.reason });
  }
  const seq = reading.undecodable[0];
  if (seq === undefined) return;
  throw new HoldfastError(
    'UNDECODABLE',
    `Cannot open session ${JSON.stringify(id)}: the checksums of entry ${seq} hold, its payload ` +
      'does not decode; please report this, and get the rest out with `recover salvage`',
    { file, offset: null },
  );
}

/**
 * DAMAGED when the caller knows of more than is there; IN_DOUBT when exactly that was cut, or will
 * be, and nobody can tell whether it was acknowledged. Appends since then would stand in its place.
 */
export function requireExpected(
  id: string,
  found: { readonly lastSeq: number; readonly inDoubt: SeqRange | null },
  expected: number,
): void {
  const { lastSeq, inDoubt } = found;
  if (lastSeq >= expected) return;
  if (inDoubt?.from === lastSeq + 1 && expected <= (inDoubt.to ?? expected)) {
    throw new HoldfastError(
      'IN_DOUBT',
      `Cannot open session ${JSON.stringify(id)} with at least ${expected} entries: it ends at ` +
        `entry ${lastSeq}, and behind it was an unfinished batch, which does not count; nobody ` +
        'can tell whether that was acknowledged, so send it again, or open without the expectation',
      { id, inDoubt, expected },
    );
  }
  throw damagedError(id, [{ from: lastSeq + 1, to: expected }], {
    file: null,
    offset: null,
    reason: `it ends at entry ${lastSeq} and ${expected} were expected`,
  });
}

/** NOT_FOUND for a session. */
export function sessionNotFound(id: string): HoldfastError<'NOT_FOUND'> {
  const message = `Cannot find session ${JSON.stringify(id)}; create it, or check its id`;
  return new HoldfastError('NOT_FOUND', message, { what: id });
}

/** CLOSED for a session. */
export function sessionClosed(id: string): HoldfastError<'CLOSED'> {
  const what = `session ${JSON.stringify(id)}`;
  return new HoldfastError('CLOSED', `Cannot use ${what}: it is closed; open it again`, { what });
}
