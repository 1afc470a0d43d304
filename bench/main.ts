/** `npm run bench`: measures the engine on this machine's disk, and says whether the disk was real. */
import { rmSync } from 'node:fs';
import { planText, settingsOf, usage } from './arguments.ts';
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
import { codeOf, explained, exits, failureText } from './failure.ts';
import { beginPage } from './new-page.ts';
import { runDirectory } from './place.ts';
import { Progress } from './progress.ts';
import type { CaseResult } from './report.ts';
import { Teller } from './teller.ts';
import { judgeOf } from './verdict.ts';

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
  let teller: Teller | null = null;
  // Before there is anything to leave behind: a signal is handled between turns of the loop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => end(teller, { message: `stopped by ${signal}`, exit: exits.stopped }));
  }
  process.on('uncaughtException', (error) => end(teller, explained(error)));
  const page = settings.html === null ? null : beginPage(settings.html);
  process.on('exit', () => page?.drop());
  const directory = runDirectory(settings.directory, 'holdfast-bench-');
  // A process that is just being killed may still make a file.
  const removal = { recursive: true, force: true, maxRetries: 5 } as const;
  process.on('exit', () => rmSync(directory, removal));
  const { stdout, stderr } = process;
  stdout.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') end(null, explained(error));
    // Nobody reads any more, as of `head`: nothing needs to be measured but for the page.
    if (page === null) process.exit();
  });
  const environment = lookAround(directory);
  const progress = new Progress(stderr);
  const format = settings.json ? 'json' : 'text';
  teller = new Teller(environment, { stdout, stderr, format, page, progress });
  const context = new Context(settings, directory, { progress, judge: judgeOf(environment) });
  const { length } = settings.cases;
  if (length > 1) progress.say(planText(length, settings.seconds));
  for (const [at, name] of settings.cases.entries()) {
    teller.begin(name);
    progress.begin(name, at + 1, length);
    try {
      teller.done(await runs[name](context));
    } catch (error) {
      end(teller, explained(error));
    }
  }
  teller.end(null);
}

/** Ends the process: of a case that has failed, threads and timers may be left. */
function end(
  teller: Teller | null,
  why: { message: string; exit: number; trace?: string | null },
): never {
  const whole = { trace: null, ...why };
  try {
    if (teller === null) process.stderr.write(failureText('bench', whole));
    else teller.end(whole);
  } catch (error) {
    // The page; what it would have shown is told already.
    process.stderr.write(failureText('bench', explained(error)));
  }
  process.exit(why.exit);
}

try {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === null) process.stdout.write(usage);
  else await run(settings);
} catch (error) {
  const why = explained(error);
  process.stderr.write(failureText('bench', why));
  process.exitCode = why.exit;
}
