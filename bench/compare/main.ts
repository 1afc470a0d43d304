/** `npm run compare`: Holdfast and what people use instead, in one run on one disk. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lookAround } from '../environment.ts';
import { explained, failureText } from '../failure.ts';
import { runDirectory } from '../place.ts';
import { reportText, warningsOf } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { settingsOf, usage } from './arguments.ts';
import type { CaseName, Settings } from './arguments.ts';
import { compareCpu } from './cases/cpu.ts';
import { compareHundred } from './cases/hundred.ts';
import { compareLangGraph } from './cases/langgraph.ts';
import { compareOne } from './cases/one.ts';
import { compareRebuild } from './cases/rebuild.ts';
import { compareSessions } from './cases/sessions.ts';
import { compareSyncs } from './cases/syncs.ts';
import { compareVerify } from './cases/verify.ts';

type Run = (settings: Settings, directory: string) => Promise<CaseResult>;

const runs: Readonly<Record<CaseName, Run>> = {
  syncs: compareSyncs,
  one: compareOne,
  hundred: compareHundred,
  sessions: compareSessions,
  cpu: compareCpu,
  rebuild: compareRebuild,
  verify: compareVerify,
  langgraph: compareLangGraph,
};

async function run(settings: Settings): Promise<void> {
  const directory = runDirectory(settings.directory, 'holdfast-compare-');
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  const environment = lookAround(directory);
  const cases: CaseResult[] = [];
  for (const name of settings.cases) {
    const home = join(directory, name);
    mkdirSync(home);
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name} ...`);
    cases.push(await runs[name](settings, home));
    // The gigabytes of one case are no burden of the next.
    rmSync(home, { recursive: true });
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const warnings = warningsOf(environment);
  const text = settings.json
    ? `${JSON.stringify({ schema: 'holdfast.compare/1', environment, warnings, cases })}\n`
    : reportText({ environment, cases });
  process.stdout.write(text);
}

try {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === null) process.stdout.write(usage);
  else await run(settings);
} catch (error) {
  const why = explained(error);
  process.stderr.write(failureText('compare', why));
  process.exitCode = why.exit;
}
