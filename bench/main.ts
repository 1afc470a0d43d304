/** `npm run bench`: measures the engine on this machine's disk, and says whether the disk was real. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { settingsOf, usage } from './arguments.ts';
import type { CaseName, Settings } from './arguments.ts';
import { benchAppend } from './cases/append.ts';
import { benchBatched } from './cases/batched.ts';
import { benchMany } from './cases/many.ts';
import { benchOpen } from './cases/open.ts';
import { benchPool } from './cases/pool.ts';
import { benchSessions } from './cases/sessions.ts';
import { lookAround } from './environment.ts';
import { reportText } from './report.ts';
import type { CaseResult } from './report.ts';

const runs: Readonly<
  Record<CaseName, (settings: Settings, directory: string) => Promise<CaseResult>>
> = {
  append: benchAppend,
  sessions: benchSessions,
  batched: benchBatched,
  pool: benchPool,
  many: benchMany,
  open: benchOpen,
};

async function run(settings: Settings): Promise<void> {
  const directory = mkdtempSync(join(settings.directory, 'holdfast-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  const environment = lookAround(directory);
  const cases: CaseResult[] = [];
  for (const name of settings.cases) cases.push(await runs[name](settings, directory));
  const report = { schema: 'holdfast.bench/1', environment, cases } as const;
  process.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : reportText(report));
}

try {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === null) process.stdout.write(usage);
  else await run(settings);
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text}\n\n${usage}`);
  process.exitCode = error instanceof Error && 'code' in error ? 70 : 64;
}
