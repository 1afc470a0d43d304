/** Preloaded into a child process: tells its peak of resident memory, in KiB, on descriptor 3. */
import { writeSync } from 'node:fs';

process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));
