/**
 * What is said to people: on stderr, coloured only on a terminal, silent with `--quiet` but for
 * warnings and errors. Data goes out through here as well, so that nothing else touches the
 * streams.
 */
import type { Io, Output } from './io.ts';

/** Marks text for a terminal; without colour each of them gives the text back unchanged. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** The voice of one run. */
export interface Talk {
  readonly quiet: boolean;
  readonly json: boolean;
  /** For text on stdout. */
  readonly style: Style;
  /** For text on stderr. */
  readonly aside: Style;
  /** A text on stdout; it ends its own lines. */
  data(text: string): Promise<void>;
  /** A line on stderr, unless quiet. */
  say(line: string): Promise<void>;
  /** A line on stderr, also when quiet. */
  warn(line: string): Promise<void>;
}

/**
 * Whether text on this stream is coloured. NO_COLOR wins over FORCE_COLOR, both over the stream.
 */
export function hasColour(env: Io['env'], output: Output): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0';
  return output.isTerminal && env['TERM'] !== 'dumb';
}

/** The style for a stream. */
export function styleFor(coloured: 'coloured' | 'plain'): Style {
  const mark =
    (on: number, off: number) =>
    (text: string): string =>
      coloured === 'plain' || text === '' ? text : `\u001b[${on}m${text}\u001b[${off}m`;
  return {
    bold: mark(1, 22),
    dim: mark(2, 22),
    red: mark(31, 39),
    green: mark(32, 39),
    yellow: mark(33, 39),
    cyan: mark(36, 39),
  };
}

/** The voice of a run with these switches. */
export function talkOf(
  io: Io,
  switches: { readonly quiet: boolean; readonly json: boolean },
): Talk {
  const say = (line: string): Promise<void> => io.stderr.write(`${line}\n`);
  return {
    ...switches,
    style: styleFor(hasColour(io.env, io.stdout) ? 'coloured' : 'plain'),
    aside: styleFor(hasColour(io.env, io.stderr) ? 'coloured' : 'plain'),
    data: (text) => io.stdout.write(text),
    say: (line) => (switches.quiet ? Promise.resolve() : say(line)),
    warn: say,
  };
}
