/**
 * Bugs that are planted one at a time into a copy of the built code, and what has to catch each. The
 * simulation proves something only as far as it finds these. A text must stand exactly once in its
 * file, so that a change of the code cannot empty this list in silence.
 */

import type { Check } from './checks.ts';
import { fuzzBugs } from './fuzz-bugs.ts';

/** One text that is replaced, in a compiled file of `src` (without its ending). */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A seeded bug. */
export interface Mutation {
  /** What the code then does. */
  readonly name: string;
  /** The check that finds it, or why there is nothing to find. */
  readonly caughtBy: Check | Equivalent;
  readonly edits: readonly Edit[];
}

/** Why the bug changes nothing that anybody can see. */
export interface Equivalent {
  readonly equivalent: string;
}

/** Bugs that are caught within a second or so: planted in every run of the tests. */
export const quickNames: ReadonlySet<string> = new Set([
  'a torn tail is taken for damage',
  'block 0 of a head is not synced before block 1',
  'fuzzing: the length of a frame has no bound',
  'settled entries are not synced before their head',
  'the journal is not synced',
  'the name of a segment is not synced',
  'the names of sessions are not synced',
]);

function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

/** A bug of one edit. */
function bug(
  name: string,
  caughtBy: Check | Equivalent,
  ...[file, find, replace]: [string, string, string]
): Mutation {
  return { name, caughtBy, edits: [edit(file, find, replace)] };
}

const segmentSyncs = {
  filled: edit(
    'journal/segment-maker',
    'await this.#file.sync();\n            return false;',
    'return false;',
  ),
  named: edit(
    'journal/segment-maker',
    'await this.#file.sync();\n        await fileSystem.rename',
    'await fileSystem.rename',
  ),
};

/** Syncs that are left out, one at a time. */
const forgottenSyncs: readonly Mutation[] = [
  bug(
    'the journal is not synced',
    { history: 'create and append' },
    'journal/journal-file',
    'await segment.file.sync();',
    '',
  ),
  {
    name: 'a segment is not synced before it gets its name',
    caughtBy: { history: 'create and append' },
    edits: [segmentSyncs.filled, segmentSyncs.named],
  },
  bug(
    'the name of a segment is not synced',
    { history: 'create and append' },
    'journal/segment-maker',
    'await poisoning(() => fileSystem.syncDirectory(this.#identity.directory));',
    '',
  ),
  bug(
    'block 0 of a head is not synced before block 1',
    { history: 'settle twice' },
    'history/history-file',
    'await this.#file.sync();\n            await writeAll(this.#file, encodeHead(head, 1)',
    'await writeAll(this.#file, encodeHead(head, 1)',
  ),
  bug(
    'block 1 of a head is not synced',
    { test: 'history/history-file' },
    'history/history-file',
    'headerBlockBytes);\n            await this.#file.sync();\n        });',
    'headerBlockBytes);\n        });',
  ),
  bug(
    'settled entries are not synced before their head',
    { history: 'settle twice' },
    'history/history-file',
    'if (vouched !== before)\n                await this.#file.sync();',
    '',
  ),
  bug(
    'a new history is not synced',
    { history: 'create and append' },
    'history/history-file',
    'await file.sync();\n        await parts.fileSystem.syncDirectory(parentOf(path));',
    'await parts.fileSystem.syncDirectory(parentOf(path));',
  ),
  bug(
    'the directory of a new session is not synced',
    { history: 'create and append' },
    'history/history-file',
    'await parts.fileSystem.syncDirectory(parentOf(path));',
    '',
  ),
  bug(
    'the names of sessions are not synced',
    { history: 'create and append' },
    'store/session-names',
    'await this.#fileSystem.syncDirectory(this.#directory);',
    '',
  ),
  bug(
    'a history that was written anew takes its name unsynced',
    { seed: 7, steps: 78 },
    'history/history-copy',
    'await file.sync();\n        const start',
    'const start',
  ),
  bug(
    'the name of a history that was written anew is not synced',
    { test: 'store/unproven-names' },
    'history/history-copy',
    'path);\n        await fileSystem.syncDirectory(parentOf(path));',
    'path);',
  ),
  bug(
    'the name of a history that another process wrote anew is not synced by who opens it',
    { test: 'store/unproven-names' },
    'history/history-file',
    'await this.#fileSystem.syncDirectory(parentOf(this.#path));\n            }',
    '}',
  ),
  bug(
    'the writers file and store.json take their names unsynced',
    { history: 'create a store' },
    'recovery/store-files',
    'await writeAll(file, bytes, 0);\n        await file.sync();',
    'await writeAll(file, bytes, 0);',
  ),
  bug(
    'the names of the writers file and of store.json are not synced',
    { history: 'create a store' },
    'recovery/store-files',
    "await fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')));",
    '',
  ),
  bug(
    'the directory of journals is not synced before a writer counts',
    { history: 'create and append' },
    'store/writer',
    'await parts.fileSystem.syncDirectory(layout.journals);',
    '',
  ),
  bug(
    'a tombstone is not synced',
    {
      equivalent:
        'a deletion is answered once its rename is durable; a lost tombstone leaves no frame without a home, because closing wrote a detach',
    },
    'store/append-line',
    "submit(this.#stream, [frame], 'durable')",
    "submit(this.#stream, [frame], type === 18 ? 'batched' : 'durable')",
  ),
  bug(
    'a detach is not synced',
    { history: 'close, and delete elsewhere' },
    'store/append-line',
    "submit(this.#stream, [frame], 'durable')",
    "submit(this.#stream, [frame], type === 17 ? 'batched' : 'durable')",
  ),
  bug(
    'the directory that a deleted session leaves is not synced',
    { history: 'delete, and the same id again' },
    'recovery/trash',
    'await syncNames();\n            await fileSystem.syncDirectory(layout.trash);\n            return target;',
    'await fileSystem.syncDirectory(layout.trash);\n            return target;',
  ),
  bug(
    'the trash is not synced when a session is moved there',
    { history: 'delete, and the same id again' },
    'recovery/trash',
    'await fileSystem.syncDirectory(layout.trash);\n            return target;',
    'return target;',
  ),
  bug(
    'a torn tail in quarantine is not synced',
    { history: 'rotate' },
    'recovery/quarantine',
    'await writeAll(file, bytes, 0);\n        await file.sync();',
    'await writeAll(file, bytes, 0);',
  ),
  bug(
    'the name of a torn tail in quarantine is not synced',
    { history: 'rotate' },
    'recovery/quarantine',
    "await fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')));",
    '',
  ),
  {
    name: 'new directories are not synced into their parents',
    caughtBy: { history: 'create and append' },
    edits: [
      edit('platform/create-directories', 'await fileSystem.syncDirectory(directory);', ''),
      edit('platform/create-directories', 'await fileSystem.syncDirectory(parent);', ''),
    ],
  },
  bug(
    'the removal of segments is not synced',
    {
      equivalent:
        'segments that come back lie below the first needed one, which a frame that was synced before names: they are passed over and swept',
    },
    'journal/journal-file',
    'await poisoning(() => this.#parts.fileSystem.syncDirectory(directory));',
    '',
  ),
  bug(
    'sessions that recovery only saw are not synced before their writer leaves',
    {
      equivalent:
        'who creates a session syncs its name before anything is acknowledged in it, and emptying the trash syncs both directories before anything is removed',
    },
    'recovery/recover',
    'await syncIfThere(parts, layout.sessions);\n        await syncTrash(parts, layout);',
    'await syncTrash(parts, layout);',
  ),
];

/** Checks that are left out. */
const acceptedRot: readonly Mutation[] = [
  bug(
    'a frame header with a bad checksum is accepted',
    { rot: 'close with a base' },
    'format/frame',
    'if (checksum !== headerChecksum(bytes, at, place.salt, place.offset))\n        return null;',
    '',
  ),
  bug(
    'a payload with a bad checksum is accepted',
    { rot: 'create and append' },
    'format/frame',
    'xxh64(payload) === header.payloadHash &&',
    '',
  ),
  bug(
    'a batch with a bad checksum is accepted',
    { test: 'journal/batch' },
    'journal/batch',
    'return batchChecksum(commit.previousChecksum, checksums) === commit.checksum\n        ? commit',
    'return checksums.length > 0\n        ? commit',
  ),
  bug(
    'a head with a bad checksum is accepted',
    { rot: 'create and append' },
    'format/head',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'a segment header with a bad checksum is accepted',
    { rot: 'create and append' },
    'format/segment-header',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'a writers file with a bad checksum is accepted',
    {
      equivalent:
        'an id that is none names no journal, and a journal whose entries a session attached to it still lacks counts anyway',
    },
    'recovery/store-files',
    'if (view.getBigUint64(end, true) !== xxh64(bytes.subarray(0, end)))\n        return null;',
    '',
  ),
  {
    name: 'a base is believed without the checksum of its frame',
    caughtBy: { rot: 'close with a base' },
    edits: [
      edit(
        'history/base-frame',
        'return isFault(frame) ? null : decodeBase(frame);',
        'return decodeBase({ ...header, payload: bytes.subarray(64, 64 + header.payloadBytes) });',
      ),
    ],
  },
  bug(
    'what settling wrote is not read back',
    { test: 'history/history-file' },
    'history/history-file',
    'const wrong = damage?.offset ?? damagedDerived[0];',
    'const wrong = undefined;',
  ),
  bug(
    'what settling wrote is read back without its restore points',
    { test: 'history/history-file' },
    'history/history-file',
    'const wrong = damage?.offset ?? damagedDerived[0];',
    'const wrong = damage?.offset;',
  ),
];

/** Takes whole batches behind the vouched end of a history for settled, and says so in the head. */
const believing = `async function believing(parts, scan) {
    if (scan.head === null || scan.fileBytes <= scan.head.vouched.endOffset) return scan;
    const { FrameCursor } = await import('../journal/frame-cursor.js');
    const { decodeCommit } = await import('../format/control.js');
    const { isFault, frameBytes, nextChain } = await import('../format/frame.js');
    const history = await HistoryFile.open(parts, scan.paths.history, scan.head, 'write');
    const { vouched, salt } = scan.head;
    const cursor = new FrameCursor(history.file, salt, vouched.endOffset, scan.fileBytes);
    let [seq, chain, told] = [vouched.seq, vouched.chain, vouched];
    for (let frame = await cursor.next(); frame !== null && !isFault(frame); frame = await cursor.next()) {
        if (frame.type === 1) {
            const endOffset = frame.offset + frameBytes(frame.payload.length);
            told = { seq, chain, endOffset, batchChecksum: decodeCommit(frame.payload).checksum };
        } else if (isEntryType(frame.type)) {
            seq = frame.streamSeq;
            chain = nextChain(chain, frame);
        }
    }
    await history.writeHead({ vouched: told });
    await history.close();
    return { ...scan, head: history.head };
}
`;

/** Order and promises that are broken. */
const brokenRules: readonly Mutation[] = [
  bug(
    'a durable append is answered before its sync',
    { race: 'a durable append' },
    'journal/group-commit',
    "if (submission.durability === 'durable')\n                continue;",
    "if (submission.durability === 'durable') {\n                answers.push(submission);\n                continue;\n            }",
  ),
  bug(
    'a deleted session takes the next one of its id along',
    { pair: { first: 'delete t', second: 'create t', start: 'opened again' } },
    'store/write-side',
    'if (one === session)',
    'if (one.id === session.id)',
  ),
  bug(
    'an append that waits for its turn reads its options again',
    { test: 'store/reused-options' },
    'store/append-line',
    'const options = requireAppendOptions(given);',
    'requireAppendOptions(given);\n        const options = given;',
  ),
  bug(
    'two changes of a history are made at the same time',
    { race: 'a durable append, with a base due behind a recovery' },
    'history/history-file',
    'const run = this.#changing.then(change);',
    'const run = Promise.resolve().then(change);',
  ),
  bug(
    'a sync answers what was written while it ran',
    { seed: 1, steps: 65 },
    'journal/group-commit',
    'const durable = this.#written.splice(0, this.#syncing);',
    'const durable = this.#written.splice(0, this.#written.length);',
  ),
  bug(
    'a failed sync of the journal is tried again',
    { test: 'crash/faults' },
    'journal/journal-file',
    'await segment.file.sync();',
    'await segment.file.sync().catch(() => segment.file.sync());',
  ),
  bug(
    'a failed sync of the journal counts as done',
    { test: 'crash/faults' },
    'journal/journal-file',
    'await segment.file.sync();',
    'await segment.file.sync().catch(() => undefined);',
  ),
  bug(
    'a failed sync of a history is tried again on the same file',
    {
      equivalent:
        'settling again cuts off and writes again all that it syncs, data and both blocks of the head, so no page of the failed sync is relied on',
    },
    'history/history-file',
    'catch (error) {\n            this.#tainted = true;\n            throw error;',
    'catch (error) {\n            throw error;',
  ),
  bug(
    'a segment is used on after a failed write',
    { test: 'journal/journal-writer-writes' },
    'journal/journal-file',
    'catch (error) {\n            this.#line.abandoned = true;\n            throw error;',
    'catch (error) {\n            throw error;',
  ),
  bug(
    'what a failed batch took of sequences is kept',
    { test: 'journal/journal-writer-writes' },
    'journal/journal-file',
    'this.streams.revert();',
    'this.streams.keep();',
  ),
  {
    name: 'a segment is retired before the frame that lets it go is synced',
    caughtBy: { history: 'rotate, settle and retire' },
    edits: [
      edit(
        'journal/journal-file',
        'return this.#need.synced > this.#need.retired;',
        'return this.#need.asked > this.#need.retired;',
      ),
      edit(
        'journal/journal-file',
        'const below = this.#need.synced;',
        'const below = this.#need.asked;',
      ),
    ],
  },
  bug(
    'a session is closed without its detach',
    { history: 'close, and delete elsewhere' },
    'store/session-writer',
    'await this.#line.control(streamFrameType.detach);',
    '',
  ),
  bug(
    'a closed session stays attached',
    { history: 'close, open elsewhere and append' },
    'store/session-writer',
    'await this.#attachment.detach();',
    '',
  ),
  bug(
    'a session is closed without being settled',
    { history: 'close, open elsewhere and append' },
    'store/session-writer',
    "await this.#content.settle(this.#host.writer, () => this.durableUpTo, 'close');",
    '',
  ),
  bug(
    'entries are acknowledged before the head names their writer',
    { history: 'create and append' },
    'store/append-line',
    '.then(() => this.#own.attachment.attach())',
    '',
  ),
  bug(
    'a torn tail is taken for damage',
    { history: 'create and append' },
    'recovery/verdict',
    "{ verdict: 'torn', rule: 'R2'",
    "{ verdict: 'damaged', rule: 'R2'",
  ),
  bug(
    'damage below the mark is taken for a torn tail',
    { rot: 'create and append' },
    'recovery/verdict',
    "{ verdict: 'damaged', rule: 'R3'",
    "{ verdict: 'torn', rule: 'R3'",
  ),
  bug(
    'the durable mark is ignored',
    { rot: 'create and append' },
    'recovery/verdict',
    'const marked = facts.durableMark > facts.lastSeq;',
    'const marked = false;',
  ),
  bug(
    'damage in a sealed segment is taken for a torn tail',
    {
      equivalent:
        'a hole in front of a segment that is in use breaks the chain to it, which is damage by another row',
    },
    'recovery/verdict',
    "{ verdict: 'damaged', rule: 'R4'",
    "{ verdict: 'torn', rule: 'R4'",
  ),
  bug(
    'tombstones are not applied before the replay',
    { history: 'recover a deletion that was cut off' },
    'recovery/recover',
    'await applyTombstones(parts, layout, plan);',
    '',
  ),
  bug(
    'a session is deleted without its tombstone',
    {
      equivalent:
        'a deletion is one rename, durable before the answer; the tombstone lets recovery end one that was cut off, which may also be given up',
    },
    'store/delete-session',
    'pinned = (await session.bury()).segment;',
    'pinned = 1;',
  ),
  bug(
    'the segment with a tombstone goes before the session is out of sight',
    {
      equivalent:
        'as above: without the tombstone the session is whole, and its deletion was not answered',
    },
    'store/delete-session',
    'settler.pin(pinned);',
    '',
  ),
  {
    name: 'recovery believes what stands behind the vouched end',
    caughtBy: { history: 'recover behind a settling whose sync failed' },
    edits: [
      edit(
        'recovery/replay',
        'const scan = await scanSession(parts, layout, id);',
        'const scan = await believing(parts, await scanSession(parts, layout, id));',
      ),
      edit(
        'recovery/replay',
        '/** First to last entry, or null when there are none. */',
        believing,
      ),
    ],
  },
  bug(
    'recovery believes block 1 of a head that only the cache may hold',
    { test: 'history/history-file' },
    'history/history-file',
    'if (this.#inherited) {\n                await this.#secureBlock();',
    'if (this.#inherited) {',
  ),
  {
    name: 'a segment is left unsynced when the next one begins',
    caughtBy: { history: 'rotate' },
    edits: [
      edit(
        'journal/journal-file',
        'const end = this.#line.offset;\n        await this.sync();',
        'const end = this.#line.offset;',
      ),
      edit(
        'journal/journal-file',
        'await this.sync();\n        }\n        await this.#line.advance();',
        '}\n        await this.#line.advance();',
      ),
    ],
  },
  bug(
    'a dead writer leaves the writers file before its sessions are settled',
    {
      equivalent:
        'a journal whose entries a session attached to it still lacks counts also when the file does not list it',
    },
    'recovery/recover',
    "for (const journal of plan.journals) {\n        if (journal.role === 'dead')",
    "await writeWriters(parts.fileSystem, layout, []);\n    for (const journal of plan.journals) {\n        if (journal.role === 'dead')",
  ),
];

/** All seeded bugs. */
export const mutations: readonly Mutation[] = [
  ...forgottenSyncs,
  ...acceptedRot,
  ...brokenRules,
  ...fuzzBugs,
];
