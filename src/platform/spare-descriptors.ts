/**
 * Whether this process can open some more files. A thread of Node that finds none left in the
 * middle of its start tells that a package does not exist, or ends the whole process with "FATAL
 * ERROR: v8::ToLocalChecked Empty MaybeLocal" (seen with Node 20.20). So it is looked at before.
 */
import { closeSync, openSync } from 'node:fs';

/**
 * What a thread takes at most while it begins: four descriptors for its event loop, one for each of
 * its modules, which are opened side by side, and some for what its caller opens meanwhile.
 */
export const descriptorsOfThread = 48;

/**
 * Fails as the machine fails (EMFILE, ENFILE) when it cannot open so many files at the same time.
 * What other threads open meanwhile is not reserved.
 */
export function requireDescriptors(count: number): void {
  const taken: number[] = [];
  try {
    while (taken.length < count) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A system without such a file is one that cannot be asked like this.
    if (code === 'EMFILE' || code === 'ENFILE') throw error;
  } finally {
    for (const descriptor of taken) closeSync(descriptor);
  }
}
