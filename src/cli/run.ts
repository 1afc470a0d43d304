/**
 * One run of the command line, from words to exit code. Every failure ends here in one line for
 * people, or in one object with `--json`; nothing is thrown to the caller.
 */
import { HoldfastError } from '../base/errors.ts';
import { parse } from './arguments.ts';
import type { Command } from './command.ts';
import { commands as allCommands } from './commands/index.ts';
import { exitOfError, exitOfSignal } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { commandHelp, invocation, overview } from './help.ts';
import { Stopped } from './io.ts';
import type { Io } from './io.ts';
import { talkOf } from './talk.ts';
import { harmless, json } from './text.ts';
import { UsageError } from './usage-error.ts';

/** Runs one command line. `argv` are the words behind the program's name. Never rejects. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const words = io.program === 'recover' ? ['recover', ...argv] : argv;
  try {
    return await answer(words, io, allCommands);
  } catch (error) {
    return tell(error, io, words.includes('--json'));
  }
}

async function answer(
  words: readonly string[],
  io: Io,
  commands: readonly Command[],
): Promise<ExitCode> {
  const request = await parse(words, commands, io);
  if (request.kind === 'version') {
    const told = { schema: 'holdfast.version/1', version: io.version };
    await io.stdout.write(
      request.format === 'json' ? `${json(told)}\n` : `holdfast ${io.version}\n`,
    );
    return 0;
  }
  if (request.kind === 'help') {
    const { style } = talkOf(io, { quiet: false, json: false });
    const command = commands.find(({ name }) => name === request.about);
    const group = request.about;
    const text =
      command === undefined
        ? overview(io.program, group, commands, style)
        : commandHelp(io.program, command, style);
    await io.stdout.write(text);
    // Somebody who called without any word did not ask for help, and nothing was done.
    return words.length === 0 ? 64 : 0;
  }
  const { command, args } = request;
  const talk = talkOf(io, { quiet: args.has('quiet'), json: args.has('json') });
  try {
    const code = await command.run({ io, engine: io.engine, args, talk });
    return stopCode(io) ?? code;
  } catch (error) {
    if (!(error instanceof UsageError) || error.command !== null) throw error;
    throw new UsageError(error.message, command.name);
  }
}

function stopCode(io: Io): ExitCode | null {
  const reason: unknown = io.signal.aborted ? io.signal.reason : null;
  return reason instanceof Stopped ? exitOfSignal(reason.signalName) : null;
}

async function tell(thrown: unknown, io: Io, asJson: boolean): Promise<ExitCode> {
  const error = rootOf(thrown);
  const stopped = stopCode(io);
  const isAbort = error instanceof Error && error.name === 'AbortError';
  if (stopped !== null && isAbort) return stopped;
  const { code, name, message, hint } = described(error, io);
  try {
    if (asJson) {
      const details = HoldfastError.is(error) ? error.details : null;
      const schema = 'holdfast.error/1';
      await io.stderr.write(`${json({ schema, code: name, message, details, exit: code })}\n`);
    } else {
      await io.stderr.write(`${harmless(`${invocationOf(error, io)}: ${message}${hint}`)}\n`);
    }
  } catch {
    // Nobody can be told any more; the exit code still says what happened.
  }
  return code;
}

/** When closing fails after a failure, the first error is the one that explains. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.name === 'SuppressedError' && 'suppressed' in root) {
    root = root.suppressed;
  }
  return root;
}

interface Described {
  readonly code: ExitCode;
  readonly name: string;
  readonly message: string;
  readonly hint: string;
}

function described(error: unknown, io: Io): Described {
  if (error instanceof UsageError) {
    const help = `${invocation(io.program, error.command ?? '').trim()} --help`;
    return { code: 64, name: 'USAGE', message: error.message, hint: ` (see ${help})` };
  }
  if (HoldfastError.is(error)) {
    const code = exitOfError(error);
    const hint = `\n  recover explain ${error.code} tells more`;
    return { code, name: error.code, message: error.message, hint };
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = 'a fault in Holdfast, not in what you did; please report it with these lines';
  const hint = `\n  holdfast ${io.version}\n${trace.replace(/^/gm, '  ')}`;
  return { code: 70, name: 'FAULT', message, hint };
}

function invocationOf(error: unknown, io: Io): string {
  const command = error instanceof UsageError ? error.command : null;
  return command === null ? io.program : invocation(io.program, command);
}
