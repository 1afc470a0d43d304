/** Seeded bugs: order and promises that are broken. */
import { edit, bug } from './mutation.ts';
import type { Mutation } from './mutation.ts';

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
export const brokenRules: readonly Mutation[] = [
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
    { seed: 4, steps: 20 },
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
    { test: 'store/delete-unproven' },
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
