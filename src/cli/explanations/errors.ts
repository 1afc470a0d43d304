/** The codes of HoldfastError. The compiler keeps the list complete. */
import type { ErrorCode } from '../../base/errors.ts';
import type { Explanation } from './explanation.ts';

/** By code. */
export const errorExplanations: Readonly<Record<ErrorCode, Explanation>> = {
  LOCKED: {
    meaning: 'Somebody else holds the session, the journal or the store, and only one may write.',
    cause:
      'Another process, another handle or a worker thread has it open, perhaps by another path. ' +
      'A lock is never stale: the kernel drops it when its process dies.',
    action:
      'Close it there; the message names the process. To look without waiting, open it for ' +
      'reading.',
  },
  LOCK_UNAVAILABLE: {
    meaning:
      'Locks cannot be taken here, and without them writing would not be safe. Reading works.',
    cause:
      'The optional package fs-ext is missing or was not built (no compiler, or install scripts ' +
      'are blocked), or the file system is one on which locks do not hold.',
    action:
      'Run `npm rebuild fs-ext` (npm 12: `npm install-scripts approve fs-ext` first), or move ' +
      'the store to a local disk.',
  },
  CLOSED: {
    meaning: 'A store or session was used after it was closed.',
    cause: 'The program kept a handle longer than it wanted to, or two parts of it share one.',
    action: 'Mend the order in the program; nothing happened to the data.',
  },
  POISONED: {
    meaning:
      'A sync failed, so nobody knows what the disk holds. This writer answers no more; ' +
      'everything acknowledged before is safe, and the range in doubt is in the details.',
    cause: 'The disk or the file system reported an error while flushing, or a LOCK was removed.',
    action:
      'Close the store and open it again: recovery decides what is there. Look at the system ' +
      'log; the disk may be failing.',
  },
  DAMAGED: {
    meaning: 'Something that was acknowledged is not there any more, or not as it was written.',
    cause:
      'The medium lost or changed bytes, or somebody edited, cut or removed a file, or put ' +
      'something else in its place.',
    action:
      'Where the message names a lock file or directory in whose place something else stands, ' +
      'move that away: nothing is lost. Otherwise, of a store, run `recover verify` to see what ' +
      'is lost, `recover salvage --to NEWDIR` to get out the rest, or `recover accept-loss` to ' +
      'go on without it. Other sessions may be used. ' +
      'Of a transcript without content, only a backup has what was in it. Copy a torn database ' +
      'of SQLite again, with its -wal and -journal files, or see what `sqlite3 FILE .recover` ' +
      'gets out of it.',
  },
  IN_DOUBT: {
    meaning:
      'You said how far a session must reach, and recovery had cut entries there of which nobody ' +
      'can tell whether they were acknowledged.',
    cause:
      'A batch was not finished when its writer stopped; or it was, and the medium lost the mark ' +
      'that said so together with a part of it.',
    action:
      'Trust your own record: if it says that they were acknowledged, send them again, or put a ' +
      'copy of the store back. Without the expectation the session opens as it is.',
  },
  NEEDS_RECOVERY: {
    meaning: 'A writer died and its journal has to be recovered before this can be done.',
    cause: 'A crash or a kill. Nothing is lost by it.',
    action: 'Run `recover run`, or open the store for writing, which does the same.',
  },
  FULL: {
    meaning: 'There is no room. Nothing that was acknowledged is lost, and nothing was half done.',
    cause: 'The disk is full, a quota or size limit is reached, or the journal is at its bound.',
    action:
      'Free some space and try again; appends resume by themselves. With EFBIG one file may not ' +
      'grow: raise the limit (ulimit -f). Until then the store can be read (mode: read, export).',
  },
  TOO_LARGE: {
    meaning: 'A value is over its bound. Nothing of it was written.',
    cause: 'A message above 64 MiB once encoded, or more entries in one batch than fit.',
    action: 'Split it, or keep the large part in a file and refer to it.',
  },
  INVALID: {
    meaning: 'The input was refused before anything was written.',
    cause: 'A message without a role, a value that JSON cannot express, a session id with a slash.',
    action: 'Mend the input at the place that the message names.',
  },
  EXISTS: {
    meaning: 'A session with this id is already there.',
    cause: 'It was created before, perhaps by another process.',
    action: 'Open it instead of creating it, or choose another id.',
  },
  NOT_FOUND: {
    meaning: 'There is no such store, session or file.',
    cause: 'A wrong path or id, or the session was deleted.',
    action: 'Check the path; `holdfast list` shows the sessions that are there.',
  },
  READ_ONLY: {
    meaning: 'It was opened for reading, and this would write.',
    cause: 'The mode of the store or session is `read`, or this machine can only read stores.',
    action: 'Open it for writing, on Linux or macOS.',
  },
  UNDECODABLE: {
    meaning: 'Every checksum holds, and yet the content cannot be decoded.',
    cause: 'A fault of the software that wrote it, or a format that was never specified.',
    action: 'Please report it with the output of `recover dump` for the file that is named.',
  },
  NEWER_FORMAT: {
    meaning: 'A newer version of Holdfast wrote this. It was not touched.',
    cause: 'The store was used with a later version, or holds features that this one lacks.',
    action: 'Upgrade Holdfast.',
  },
  IO: {
    meaning: 'The machine refused an operation on a file. What could not be read was not judged.',
    cause: 'Permissions, a failing disk, an unplugged device, too many open files.',
    action: 'Look at the system call and error that the details name, mend it, try again.',
  },
};
