/** `recover scan`, `recover run` and `recover verify`: one report, three depths. */
import type { RecoverOptions } from '../../recovery/options.ts';
import { directory, storeOption } from '../command.ts';
import type { Arguments, Command, Context, OptionSpec } from '../command.ts';
import { exitOfVerdict } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { reportText } from '../report-text.ts';
import { storeDirectory } from '../store-directory.ts';
import { json } from '../text.ts';
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
  told: Pick<Command, 'summary' | 'details' | 'examples' | 'exits'>,
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
  summary: 'Look at a store and say what became of it; changes nothing',
  details: [
    'Takes no lock and changes nothing, on a store in use too. Ends with the line that says what ' +
      'to run next. `recover` and `recover DIR` are the same.',
    'Reads heads, and the journals of writers that died. Settled histories are not read ' +
      '(historiesRead is false in the report): rot in them, and unknown outcomes of sessions ' +
      'that were opened since the crash, are found by `recover verify`.',
  ],
  examples: [
    { line: 'recover', why: 'the usual store' },
    { line: 'recover ./store', why: 'the store there' },
    { line: 'recover scan ./store --json', why: 'the whole report for a program' },
    {
      line: 'recover scan --expect-at-least s1=412',
      why: 'somebody noted that seq 412 of s1 was acknowledged',
    },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70],
});

/** Acts. */
export const recoverRun: Command = recoverCommand('run', {
  summary: 'Carry out what is safe: replay, settle, set torn tails aside',
  details: [
    'Keeps everything that was acknowledged, sets bytes that it cuts aside in quarantine/, and ' +
      'leaves damaged sessions untouched. Running it twice changes nothing the second time.',
  ],
  examples: [{ line: 'recover run', why: 'after a crash' }],
  exits: [0, 10, 20, 30, 40, 50, 64, 66, 70, 130, 143],
});

/** Proves. */
export const recoverVerify: Command = recoverCommand('verify', {
  summary: 'Check every byte of a store; changes nothing',
  details: ['Reads every history to its end and proves each frame. Takes as long as reading does.'],
  examples: [{ line: 'recover verify', why: 'after a disk error, or before a backup' }],
  exits: [0, 10, 20, 40, 50, 64, 66, 70, 130, 143],
});

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
