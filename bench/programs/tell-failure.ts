/**
 * Imported first by the programs: whatever ends one becomes one line of JSON on standard error, and
 * the process that started it tells it as its own. It loads nothing of the engine.
 */
import { writeSync } from 'node:fs';
import { explained } from '../failure.ts';

process.on('uncaughtException', (error) => {
  const why = explained(error);
  writeSync(process.stderr.fd, `${JSON.stringify({ explained: why })}\n`);
  process.exit(why.exit);
});
