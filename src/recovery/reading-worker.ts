/** Entry of a thread that reads sessions for `verify`; see `reading-threads`. */
import { initChecksum } from '../format/checksum.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { serveTasks } from '../platform/task-threads.ts';
import { readHere } from './reading-threads.ts';
import type { ReadingDone, ReadingTask } from './reading-threads.ts';

const fileSystem = nodeFileSystem('inline');

await initChecksum();
serveTasks<ReadingTask, ReadingDone>((task) => readHere(fileSystem, task));
