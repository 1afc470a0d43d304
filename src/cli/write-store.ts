/**
 * A store that a command writes to. Opening it recovers what dead writers left, and what that found
 * is told here: a later look finds it healed, and says nothing of it any more. On stderr, so that
 * the answers of the command stay as they are; the exit code is that of the command, which did what
 * it was asked for: a script that takes it for a failure would do it twice.
 */
import type { Finding, RecoveryReport } from '../recovery/report.ts';
import type { StoreApi, StoreOptions } from '../store/api.ts';
import type { Context } from './command.ts';
import { counted, json, oneLine } from './text.ts';

/** What the opening needs of a run. */
export type Writing = Pick<Context, 'engine' | 'talk'>;

/** More are counted; `--json` has them all. */
const linesMax = 20;

/** Opens the store for writing, and tells the warnings and errors of its recovery. */
export async function openForWriting(
  { engine, talk }: Writing,
  root: string,
  options: Omit<StoreOptions, 'mode'>,
): Promise<StoreApi> {
  const store = await engine.openStore(root, { ...options, mode: 'write' });
  try {
    await tell(talk, store.recovery);
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

async function tell(talk: Context['talk'], report: RecoveryReport | null): Promise<void> {
  const all = report?.findings ?? [];
  const findings = [...of(all, 'error'), ...of(all, 'warning')];
  if (report === null || findings.length === 0) return;
  if (talk.json) {
    const told = { schema: 'holdfast.recovered/1', store: report.root, findings };
    await talk.warn(json(told));
    return;
  }
  for (const finding of findings.slice(0, linesMax)) await talk.warn(lineOf(finding));
  const more = findings.length - linesMax;
  if (more > 0) await talk.warn(`and ${counted(more, 'more finding')} of opening the store`);
}

function of(findings: readonly Finding[], severity: Finding['severity']): readonly Finding[] {
  return findings.filter((finding) => finding.severity === severity);
}

function lineOf({ code, file, message }: Finding): string {
  const place = file === null ? '' : ` ${file}`;
  return `opening the store found ${code}${place}: ${oneLine(message, 300)}; ${nextOf(code, file)}`;
}

function nextOf(code: Finding['code'], file: string | null): string {
  const [, writer] = /^journals\/([0-9a-f]{32})$/.exec(file ?? '') ?? [];
  return code === 'SET_ASIDE' && writer !== undefined
    ? `they stand in quarantine/${writer} now, and \`recover dump\` reads the files there`
    : `\`recover explain ${code}\` tells what to do`;
}
