/** The codes of findings in reports of recovery. The compiler keeps the list complete. */
import type { FindingCode } from '../../recovery/report.ts';
import type { Explanation } from './explanation.ts';

/** By code. */
export const findingExplanations: Readonly<Record<FindingCode, Explanation>> = {
  UNCLEAN_STOP: {
    meaning: 'A writer ended without closing its journal, and everything in it is valid.',
    cause: 'A crash, a kill, a power cut: the normal case after which recovery runs.',
    action: 'Run `recover run`, or open the store for writing.',
  },
  TORN_TAIL: {
    meaning:
      'The journal ends in a batch that was not finished. Its entries were never acknowledged, ' +
      'unless the medium also lost the mark that said so.',
    cause: 'The process or the machine stopped in the middle of a write.',
    action:
      'Run `recover run`: it sets the bytes aside and goes on before them. If you know that more ' +
      'was acknowledged, say so with --expect-at-least.',
  },
  DEAD_BYTES: {
    meaning:
      'Bytes of a write that failed and was told to its caller; a later segment disowns them.',
    cause: 'The disk was full or refused a write, and the writer went on in a new segment.',
    action: 'Nothing: they never counted.',
  },
  DAMAGED_FRAME: {
    meaning: 'A frame that was synced and acknowledged fails its checks, or is gone.',
    cause: 'The medium changed or lost it, or somebody edited the file.',
    action:
      'See which sequences are lost, then `recover salvage`, or `recover accept-loss` for the ' +
      'session; look after the disk.',
  },
  DAMAGED_HEADER: {
    meaning:
      'A header block of a segment or history is bad. With the other block sound it is a warning.',
    cause: 'The medium: headers are written twice and synced before they are relied on.',
    action:
      'As a warning: copy the store to a healthy disk. As an error: `recover ' +
      'salvage`, or `recover accept-loss` for the session.',
  },
  SHORT_FILE: {
    meaning: 'A file is shorter than its header says, and it was whole when it was taken into use.',
    cause: 'It was cut by hand, by a copy that did not finish, or by the file system.',
    action: 'Restore it from a copy if there is one; otherwise `recover salvage`.',
  },
  MISSING_SEGMENT: {
    meaning: 'A segment that others name is not there.',
    cause: 'It was removed by hand, or the file system lost its name.',
    action: 'Put it back if you have it; otherwise `recover salvage`, then accept the loss.',
  },
  MISSING_JOURNAL: {
    meaning: 'A writer counts, and its journal is not there. Its sessions may lack entries.',
    cause: 'A directory below journals/ was removed or not copied.',
    action: 'Put it back if you have it; otherwise `recover accept-loss` for the sessions named.',
  },
  MISSING_HISTORY: {
    meaning: 'The directory or the history of a session is gone.',
    cause: 'It was removed or not copied.',
    action:
      'Put it back if you have it; what is still in a journal comes out with `recover salvage`, ' +
      'and stays in place with `recover accept-loss`.',
  },
  CHAIN_BROKEN: {
    meaning: 'Frames are valid one by one and do not follow each other.',
    cause: 'A file of another time or place was put here, as a partial restore of a copy does.',
    action: 'Restore all files of one copy together; otherwise `recover salvage`.',
  },
  FORKED: {
    meaning: 'The journal and the history of a session disagree about the same sequence.',
    cause: 'The session was written from two copies of the store, or one of the two was restored.',
    action:
      'Both stay as they are. Decide which one you trust; `recover salvage` gets out both ends.',
  },
  UNDECODABLE_PAYLOAD: {
    meaning: 'The checksum of a payload holds and the payload does not decode.',
    cause: 'A fault of the software that wrote it; never the medium.',
    action: 'Please report it with the output of `recover dump`.',
  },
  NEWER_FORMAT: {
    meaning: 'A file was written by a newer version of Holdfast and was not judged.',
    cause: 'A later version worked in this store.',
    action: 'Upgrade Holdfast.',
  },
  UNREADABLE: {
    meaning: 'The machine refused a read. That is never taken for the end of a log.',
    cause: 'A failing disk, or missing permissions.',
    action: 'Mend that first, or copy the store with a tool that retries, then look again.',
  },
  BELOW_EXPECTED: {
    meaning: 'You said how far a session must reach, and it does not.',
    cause: 'Acknowledged entries are gone, or the number is not the right one.',
    action:
      'Check the number. If it is right, put a copy of the store back, or send the entries ' +
      'again; without the expectation the session opens as it is.',
  },
  LOSS_ACCEPTED: {
    meaning: 'Entries are missing here, and somebody has accepted that.',
    cause: 'An earlier `recover accept-loss`, or a salvaged store.',
    action:
      'Nothing; it is told so that nobody is surprised by the gap. The history as it was before ' +
      'stands in quarantine/sessions/.',
  },
  SET_ASIDE: {
    meaning:
      'Entries that were acknowledged are in no session any more: its directory is gone, or an ' +
      'older or another history stands there. They go to quarantine/. That is damage, and it is ' +
      'told once.',
    cause:
      'Somebody removed or replaced the directory of the session while a journal held entries of ' +
      'it; `holdfast delete` leaves none behind.',
    action:
      'Before `recover run`, `recover salvage` gets them out. Afterwards they stand in ' +
      'quarantine/: look at them with `recover dump`; remove them when you like.',
  },
  STRAY_FILE: {
    meaning:
      'Something stands in the store that Holdfast did not put there, or no longer needs. As an ' +
      'error it stands in the place of a file or directory of the store.',
    cause:
      'A file of yours, of a backup tool, or of a start that was interrupted; as an error also a ' +
      'link or a fifo that somebody put in the place of a lock file.',
    action:
      'Move it out of the store if it is yours; leftovers of Holdfast go by themselves. A lock ' +
      'file is made again.',
  },
  LIVE_WRITER: {
    meaning: 'The owner of this journal is alive; its journal was left alone.',
    cause: 'The store is in use.',
    action: 'Nothing. To have it recovered, end that process first.',
  },
  OWNER_UNKNOWN: {
    meaning: 'Whether the owner of a journal is alive could not be found out.',
    cause: 'Locks cannot be probed here, for instance because fs-ext is not installed.',
    action: 'Make sure that nobody uses the store, or install fs-ext; see LOCK_UNAVAILABLE.',
  },
};
