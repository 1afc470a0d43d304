/**
 * `recover scan`, `recover run` and `recover verify`: one report, three depths. Two of them also
 * look at transcripts of other tools.
 */
import type { RecoverOptions } from '../../recovery/options.ts';
import { directory, storeOption } from '../command.ts';
import type { Arguments, Command, Context, OptionSpec } from '../command.ts';
import { exitOfVerdict } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { reportText } from '../report-text.ts';
import { foundAt, isThere, pathKind, refusePipe } from '../path-kind.ts';
import type { PathKind } from '../path-kind.ts';
import { storeDirectory } from '../store-directory.ts';
import { json } from '../text.ts';
import { allOption, profileOf, profileOption } from '../transcripts/options.ts';
import { repairSession } from '../transcripts/repair-target.ts';
import { scanTranscripts } from '../transcripts/scan.ts';
import { verifyConversations } from '../transcripts/conversations.ts';
import { verifyTranscript } from '../transcripts/verify.ts';
import { UsageError } from '../usage-error.ts';

type Mode = NonNullable<RecoverOptions['mode']>;

const expectOption: OptionSpec = {
  name: 'expect-at-least',
  value: 'ID=SEQ',
  repeatable: true,
  summary: 'This session must reach this sequence; less is damage',
};

const schema = 'holdfast.recovery/1';

function recoverCommand(
  mode: Mode,
  told: Pick<Command, 'summary' | 'details' | 'examples' | 'exits'> & Partial<Command>,
): Command {
  return {
    name: `recover ${mode}`,
    positionals: [directory],
    options: [expectOption, storeOption],
    schema,
    run: (context) => runRecover(context, mode),
    ...told,
  };
}

/** Looks. */
export const recoverScan: Command = recoverCommand('scan', {
  summary: 'Look at a store or at transcripts and say what became of them; changes nothing',
  positionals: [
    {
      name: 'PATH',
      required: false,
      repeatable: true,
      summary: 'A store (default: the usual one), transcripts, or folders of them',
    },
  ],
  run: runScan,
  details: [
    'Takes no lock and changes nothing, on a store in use too. Ends with the line that says what ' +
      'to run next. `recover` and `recover DIR` are the same.',
    'Reads heads, and the journals of writers that died. Settled histories are not read ' +
      '(historiesRead is false in the report): rot in them, and unknown outcomes of sessions ' +
      'that were opened since the crash, are found by `recover verify`.',
    'Transcripts of other tools (Claude Code, Codex, Gemini CLI, opencode, goose, Cline, pi, ' +
      'plain ' +
      'lists of messages) are told apart by their content and read whole: one line a file with ' +
      'its ' +
      'verdict for the provider that its tool talks to. In a folder, what is no transcript is ' +
      'passed over. The exit is that of the worst file, in this order: 20 where something that ' +
      'was written cannot be read any more or no plan mends it, 50 where a file could not be ' +
      'read at all, 66 for one that is not there, 64 for one that was named and is no ' +
      'transcript, 10 for what `recover plan` can mend, 0.',
    'With --json, transcripts are one object a line (schema holdfast.transcript/1, kind ' +
      'transcript; kind failure for what could not be looked at), and at the end one of kind ' +
      'result.',
  ],
  examples: [
    { line: 'recover', why: 'the usual store' },
    { line: 'recover ./store', why: 'the store there' },
    { line: 'recover scan ./store --json', why: 'the whole report for a program' },
    { line: 'recover scan ~/.claude/projects', why: 'every session of Claude Code' },
    {
      line: 'recover scan --expect-at-least s1=412',
      why: 'somebody noted that seq 412 of s1 was acknowledged',
    },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70, 129, 130, 143],
});

/** Acts. */
export const recoverRun: Command = recoverCommand('run', {
  summary: 'Carry out what is safe: replay, settle, set torn tails aside',
  details: [
    'Keeps everything that was acknowledged, sets bytes that it cuts aside in quarantine/, and ' +
      'leaves damaged sessions untouched. Running it twice changes nothing the second time.',
  ],
  examples: [{ line: 'recover run', why: 'after a crash' }],
  exits: [0, 10, 20, 30, 40, 50, 64, 66, 70, 129, 130, 143],
});

/** Proves. */
export const recoverVerify: Command = recoverCommand('verify', {
  summary: 'Check every byte of a store or transcript, and a provider’s rules; changes nothing',
  positionals: [
    { name: 'PATH', required: false, summary: 'A store (default: the usual one) or a transcript' },
  ],
  options: [expectOption, profileOption, allOption, repairSession, storeOption],
  run: runVerify,
  details: [
    'Reads every history to its end and proves each frame. Takes as long as reading does.',
    'With --profile, each conversation of a store is also held against the rules of that ' +
      'provider ' +
      '(with --json, one more object a session, schema holdfast.conversation/1).',
    'Of a transcript every finding is told with its line, its byte and what would mend it; of ' +
      'many with the same code the first ones, unless --all is given.',
  ],
  examples: [
    { line: 'recover verify', why: 'after a disk error, or before a backup' },
    { line: 'recover verify ./store --profile anthropic', why: 'would the provider take them?' },
    { line: 'recover verify session.jsonl', why: 'a transcript that its tool refuses' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70, 129, 130, 143],
});

async function runScan(context: Context): Promise<ExitCode> {
  const paths = context.args.texts('PATH');
  if (paths.includes('')) throw new UsageError('PATH is empty');
  for (const path of paths) await refusePipe(path);
  // Of several, one that is not there is told beside the others.
  const isLone = paths.length === 1;
  const kindOf = async (path: string): Promise<PathKind> =>
    isLone || (await isThere(path)) ? pathKind(path) : 'file';
  const kinds = await Promise.all(paths.map(kindOf));
  if (!kinds.includes('store')) {
    return paths.length === 0 ? runRecover(context, 'scan') : scanTranscripts(context, paths);
  }
  const [path] = paths;
  if (isLone) return foundAt(path, () => runRecover(context, 'scan'));
  const stores = paths.filter((_path, index) => kinds[index] === 'store').join(', ');
  throw new UsageError(
    `a store is looked at alone; give transcripts and folders without ${stores}`,
  );
}

async function runVerify(context: Context): Promise<ExitCode> {
  const path = context.args.text('PATH');
  if (path !== undefined) await refusePipe(path);
  const kind = path === undefined || path === '' ? 'store' : await pathKind(path);
  if (kind !== 'store') return verifyTranscript(context, path ?? '');
  const code = await foundAt(path, () => runRecover(context, 'verify'));
  const profile = profileOf(context.args);
  // What cannot be opened has no conversations to speak of.
  if (profile === null || code >= 40) return code;
  return worse(code, await verifyConversations(context, profile));
}

/** Exit codes of verdicts grow with what is wrong. */
function worse(left: ExitCode, right: ExitCode): ExitCode {
  return left > right ? left : right;
}

async function runRecover(context: Context, mode: Mode): Promise<ExitCode> {
  const { args, engine, io, talk } = context;
  const root = storeDirectory(args, io);
  const expectAtLeast = expectations(args);
  const progress = progressLine(io, talk);
  const { onProgress } = progress;
  try {
    const options = { mode, expectAtLeast, signal: io.signal };
    const report = await engine.recover(
      root,
      onProgress === undefined ? options : { ...options, onProgress },
    );
    await progress.clear();
    await talk.data(talk.json ? `${json(report)}\n` : reportText(report, talk.style));
    return exitOfVerdict(report.verdict);
  } finally {
    await progress.clear();
  }
}

/**
 * `--expect-at-least ID=SEQ`, as often as it was given; the highest sequence of a session counts.
 */
export function expectations(args: Arguments): Readonly<Record<string, number>> {
  const wanted = new Map<string, number>();
  for (const text of args.texts('expect-at-least')) {
    const [, id, seq] = /^([A-Za-z0-9_-]{1,128})=(\d{1,15})$/.exec(text) ?? [];
    if (id === undefined || seq === undefined) {
      throw new UsageError(`--expect-at-least is ID=SEQ, not ${JSON.stringify(text)}`);
    }
    wanted.set(id, Math.max(wanted.get(id) ?? 0, Number(seq)));
  }
  return Object.fromEntries(wanted);
}
