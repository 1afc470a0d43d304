/**
 * Bugs that are planted one at a time into a copy of the built code, and what has to catch each. The
 * simulation proves something only as far as it finds these. A text must stand exactly once in its
 * file, so that a change of the code cannot empty this list in silence.
 */

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
  readonly edits: readonly Edit[];
}

function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

/** A bug of one edit. */
function bug(name: string, file: string, find: string, replace: string): Mutation {
  return { name, edits: [edit(file, find, replace)] };
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
  bug('the journal is not synced', 'journal/journal-file', 'await file.sync();', ''),
  {
    name: 'a segment is not synced before it gets its name',
    edits: [segmentSyncs.filled, segmentSyncs.named],
  },
  bug(
    'the name of a segment is not synced',
    'journal/segment-maker',
    'await poisoning(() => fileSystem.syncDirectory(this.#identity.directory));',
    '',
  ),
  bug(
    'block 0 of a head is not synced before block 1',
    'history/history-file',
    'await this.#file.sync();\n            await writeAll(this.#file, encodeHead(head, 1)',
    'await writeAll(this.#file, encodeHead(head, 1)',
  ),
  bug(
    'block 1 of a head is not synced',
    'history/history-file',
    'headerBlockBytes);\n            await this.#file.sync();\n        });',
    'headerBlockBytes);\n        });',
  ),
  bug(
    'settled entries are not synced before their head',
    'history/history-file',
    'if (vouched !== before)\n                await this.#file.sync();',
    '',
  ),
  bug(
    'a new history is not synced',
    'history/history-file',
    'await file.sync();\n        await parts.fileSystem.syncDirectory(parentOf(path));',
    'await parts.fileSystem.syncDirectory(parentOf(path));',
  ),
  bug(
    'the directory of a new session is not synced',
    'history/history-file',
    'await parts.fileSystem.syncDirectory(parentOf(path));',
    '',
  ),
  bug(
    'the names of sessions are not synced',
    'store/session-names',
    'await this.#fileSystem.syncDirectory(this.#directory);',
    '',
  ),
  bug(
    'a history that was written anew takes its name unsynced',
    'history/history-file',
    'await file.sync();\n            const start',
    'const start',
  ),
  bug(
    'the name of a history that was written anew is not synced',
    'history/history-file',
    'await this.#fileSystem.syncDirectory(parentOf(this.#path));',
    '',
  ),
  bug(
    'the writers file and store.json take their names unsynced',
    'recovery/store-files',
    'await writeAll(file, bytes, 0);\n        await file.sync();',
    'await writeAll(file, bytes, 0);',
  ),
  bug(
    'the names of the writers file and of store.json are not synced',
    'recovery/store-files',
    "await fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')));",
    '',
  ),
  bug(
    'the directory of journals is not synced before a writer counts',
    'store/writer',
    'await parts.fileSystem.syncDirectory(layout.journals);',
    '',
  ),
  bug(
    'a tombstone is not synced',
    'store/append-line',
    "submit(this.#stream, [frame], 'durable')",
    "submit(this.#stream, [frame], type === 18 ? 'batched' : 'durable')",
  ),
  bug(
    'a detach is not synced',
    'store/append-line',
    "submit(this.#stream, [frame], 'durable')",
    "submit(this.#stream, [frame], type === 17 ? 'batched' : 'durable')",
  ),
  bug(
    'the directory that a deleted session leaves is not synced',
    'recovery/recover',
    'await fileSystem.syncDirectory(layout.sessions);\n    await fileSystem.syncDirectory(layout.trash);\n    return target;',
    'await fileSystem.syncDirectory(layout.trash);\n    return target;',
  ),
  bug(
    'the trash is not synced when a session is moved there',
    'recovery/recover',
    'await fileSystem.syncDirectory(layout.trash);\n    return target;',
    'return target;',
  ),
  bug(
    'a torn tail in quarantine is not synced',
    'recovery/quarantine',
    'await writeAll(file, bytes, 0);\n        await file.sync();',
    'await writeAll(file, bytes, 0);',
  ),
  bug(
    'the name of a torn tail in quarantine is not synced',
    'recovery/quarantine',
    "await fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')));",
    '',
  ),
  bug(
    'a new directory is not synced into its parent',
    'platform/create-directories',
    'await fileSystem.syncDirectory(directory);',
    '',
  ),
  bug(
    'the removal of segments is not synced',
    'journal/journal-file',
    'await poisoning(() => this.#parts.fileSystem.syncDirectory(directory));',
    '',
  ),
  bug(
    'sessions that recovery only saw are not synced before their writer leaves',
    'recovery/recover',
    'await syncIfThere(parts, layout.sessions);\n    if (leaving.size > 0 || plan',
    'undefined;\n    if (leaving.size > 0 || plan',
  ),
];

/** Checks that are left out. */
const acceptedRot: readonly Mutation[] = [
  bug(
    'a frame header with a bad checksum is accepted',
    'format/frame',
    'if (checksum !== headerChecksum(bytes, at, place.salt, place.offset))\n        return null;',
    '',
  ),
  bug(
    'a payload with a bad checksum is accepted',
    'format/frame',
    'xxh64(payload) === header.payloadHash &&',
    '',
  ),
  bug(
    'a batch with a bad checksum is accepted',
    'journal/batch',
    'return batchChecksum(commit.previousChecksum, checksums) === commit.checksum\n        ? commit',
    'return checksums.length > 0\n        ? commit',
  ),
  bug(
    'a head with a bad checksum is accepted',
    'format/head',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'a segment header with a bad checksum is accepted',
    'format/segment-header',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'a writers file with a bad checksum is accepted',
    'recovery/store-files',
    'if (view.getBigUint64(end, true) !== xxh64(bytes.subarray(0, end)))\n        return null;',
    '',
  ),
  {
    name: 'a base is believed without the checksum of its frame',
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
    'history/history-file',
    'const wrong = damage?.offset ?? damagedDerived[0];',
    'const wrong = undefined;',
  ),
  bug(
    'what settling wrote is read back without its restore points',
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
    'journal/group-commit',
    "if (submission.durability === 'durable')\n                continue;",
    "if (submission.durability === 'durable') {\n                answers.push(submission);\n                continue;\n            }",
  ),
  bug(
    'a sync answers what was written while it ran',
    'journal/group-commit',
    'const durable = this.#written.splice(0, this.#syncing);',
    'const durable = this.#written.splice(0, this.#written.length);',
  ),
  bug(
    'a failed sync of the journal is tried again',
    'journal/journal-file',
    'await file.sync();',
    'await file.sync().catch(() => file.sync());',
  ),
  bug(
    'a failed sync of the journal counts as done',
    'journal/journal-file',
    'await file.sync();',
    'await file.sync().catch(() => undefined);',
  ),
  bug(
    'a failed sync of a history is tried again on the same file',
    'history/history-file',
    'catch (error) {\n            this.#tainted = true;\n            throw error;',
    'catch (error) {\n            throw error;',
  ),
  bug(
    'a segment is used on after a failed write',
    'journal/journal-file',
    'catch (error) {\n            this.#line.abandoned = true;\n            throw error;',
    'catch (error) {\n            throw error;',
  ),
  bug(
    'what a failed batch took of sequences is kept',
    'journal/journal-file',
    'this.streams.revert();',
    'this.streams.keep();',
  ),
  bug(
    'a segment is retired before the frame that lets it go is synced',
    'journal/journal-file',
    'const below = this.#need.synced;',
    'const below = this.#need.asked;',
  ),
  bug(
    'a session is closed without its detach',
    'store/session-writer',
    'await this.#line.control(streamFrameType.detach);',
    '',
  ),
  bug(
    'a closed session stays attached',
    'store/session-writer',
    'await this.#attachment.detach();',
    '',
  ),
  bug(
    'a session is closed without being settled',
    'store/session-writer',
    "await this.#content.settle(this.#host.writer, () => this.durableUpTo, 'close');",
    '',
  ),
  bug(
    'entries are acknowledged before the head names their writer',
    'store/append-line',
    '.then(() => this.#own.attachment.attach())',
    '',
  ),
  bug(
    'a torn tail is taken for damage',
    'recovery/verdict',
    "{ verdict: 'torn', rule: 'R2'",
    "{ verdict: 'damaged', rule: 'R2'",
  ),
  bug(
    'damage below the mark is taken for a torn tail',
    'recovery/verdict',
    "{ verdict: 'damaged', rule: 'R3'",
    "{ verdict: 'torn', rule: 'R3'",
  ),
  bug(
    'the durable mark is ignored',
    'recovery/verdict',
    'const marked = facts.durableMark > facts.lastSeq;',
    'const marked = false;',
  ),
  bug(
    'damage in a sealed segment is taken for a torn tail',
    'recovery/verdict',
    "{ verdict: 'damaged', rule: 'R4'",
    "{ verdict: 'torn', rule: 'R4'",
  ),
  bug(
    'tombstones are not applied before the replay',
    'recovery/recover',
    'await applyTombstones(parts, layout, plan);',
    '',
  ),
  bug(
    'a session is deleted without its tombstone',
    'store/store',
    'pinned = (await session.bury()).segment;',
    'pinned = 1;',
  ),
  bug(
    'the segment with a tombstone goes before the session is out of sight',
    'store/store',
    'settler.pin(pinned);',
    '',
  ),
  {
    name: 'recovery believes what stands behind the vouched end',
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
    'history/history-file',
    'if (this.#inherited)\n                await this.#secureBlock();',
    '',
  ),
  bug(
    'a segment is left unsynced when the next one begins',
    'journal/journal-file',
    'const end = this.#line.offset;\n        await this.sync();',
    'const end = this.#line.offset;',
  ),
  bug(
    'a dead writer leaves the writers file before its sessions are settled',
    'recovery/recover',
    "for (const journal of plan.journals) {\n        if (journal.role === 'dead')",
    "await writeWriters(parts.fileSystem, layout, []);\n    for (const journal of plan.journals) {\n        if (journal.role === 'dead')",
  ),
];

/** All seeded bugs. */
export const mutations: readonly Mutation[] = [...forgottenSyncs, ...acceptedRot, ...brokenRules];
