/** `npm run bench`: measures the engine on this machine's disk, and says whether the disk was real. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError, settingsOf, usage } from './arguments.ts';
import type { CaseName, Settings } from './arguments.ts';
import { benchAppend } from './cases/append.ts';
import { benchBatched } from './cases/batched.ts';
import { benchLoad, benchMany } from './cases/load.ts';
import { benchList } from './cases/list.ts';
import { benchOpen } from './cases/open.ts';
import { benchPool } from './cases/pool.ts';
import { benchRecover } from './cases/recover.ts';
import { benchScan, benchVerify } from './cases/scan.ts';
import { benchSessions } from './cases/sessions.ts';
import { benchSettle } from './cases/settle.ts';
import { benchSnapshot } from './cases/snapshot.ts';
import { Context } from './context.ts';
import { lookAround } from './environment.ts';
import { reportHtml } from './html.ts';
import { Progress } from './progress.ts';
import { reportText } from './report.ts';
import type { CaseResult } from './report.ts';

const runs: Readonly<Record<CaseName, (context: Context) => Promise<CaseResult>>> = {
  append: benchAppend,
  sessions: benchSessions,
  batched: benchBatched,
  pool: benchPool,
  load: benchLoad,
  many: benchMany,
  settle: benchSettle,
  recover: benchRecover,
  scan: benchScan,
  verify: benchVerify,
  open: benchOpen,
  snapshot: benchSnapshot,
  list: benchList,
};

async function run(settings: Settings): Promise<void> {
  // Before there is anything to leave behind: a signal is handled between turns of the loop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  const directory = mkdtempSync(join(settings.directory, 'holdfast-bench-'));
  // A process that is just being killed may still make a file.
  const removal = { recursive: true, force: true, maxRetries: 5 } as const;
  process.on('exit', () => rmSync(directory, removal));
  const environment = lookAround(directory);
  const progress = new Progress(process.stderr);
  const context = new Context(settings, directory, progress);
  const cases: CaseResult[] = [];
  for (const name of settings.cases) cases.push(await runs[name](context));
  progress.clear();
  const report = { schema: 'holdfast.bench/1', environment, cases } as const;
  if (settings.html !== null) writeFileSync(settings.html, reportHtml(report));
  process.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : reportText(report));
}

try {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === null) process.stdout.write(usage);
  else await run(settings);
} catch (error) {
  const isUsage = error instanceof UsageError;
  const text = error instanceof Error && !isUsage ? (error.stack ?? error.message) : String(error);
  process.stderr.write(isUsage ? `${error.message}\n\n${usage}` : `${text}\n`);
  process.exitCode = isUsage ? 64 : 70;
}
