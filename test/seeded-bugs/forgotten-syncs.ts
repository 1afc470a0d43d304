/** Seeded bugs: syncs that are left out. */
import { edit, bug } from './mutation.ts';
import type { Mutation } from './mutation.ts';

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
export const forgottenSyncs: readonly Mutation[] = [
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
    {
      equivalent:
        'its head says that the name is unproven until the directory was synced, and whoever opens it then writes it anew once more, with a name and a sync of its own',
    },
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
    'await fileSystem.syncDirectory(parentOf(path));',
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
    'moves to the trash that recovery only saw are not proven before their writer leaves',
    { test: 'store/delete-unproven' },
    'recovery/recover',
    'await proveMoves(parts, layout);',
    'await Promise.resolve();',
  ),
  bug(
    'the tombstone of a deletion whose move was not synced is let go',
    { test: 'store/delete-unproven' },
    'store/delete-session',
    'settler.keep(pinned);\n        expected.delete(id);',
    'expected.delete(id);',
  ),
];
