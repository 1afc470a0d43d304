/**
 * What is said to people: on stderr, coloured only on a terminal, silent with `--quiet` but for
 * warnings and errors. Data goes out through here as well, so that nothing else touches the
 * streams, and whatever a file, its name or a conversation brought along is made harmless.
 */
import type { Io, Output } from './io.ts';
import { harmless } from './text.ts';

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
  /** A text or a line of JSON on stdout; it ends its own lines. */
  data(text: string): Promise<void>;
  /** What another program reads, on stdout, byte for byte. */
  raw(text: string): Promise<void>;
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

/** The marks that a style makes, and no others. */
// oxlint-disable-next-line no-control-regex -- it is the controls that are looked for
const marks = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/;

/** A text for a terminal: of all controls it keeps line ends, tabs and the marks of a style. */
function shown(text: string, coloured: 'coloured' | 'plain'): string {
  if (coloured === 'plain') return harmless(text);
  return text
    .split(marks)
    .map((part, index) => (index % 2 === 1 ? part : harmless(part)))
    .join('');
}

/** The voice of a run with these switches. */
export function talkOf(
  io: Io,
  switches: { readonly quiet: boolean; readonly json: boolean },
): Talk {
  const [out, aside] = [io.stdout, io.stderr].map((output) =>
    hasColour(io.env, output) ? 'coloured' : 'plain',
  ) as ['coloured' | 'plain', 'coloured' | 'plain'];
  const say = (line: string): Promise<void> => io.stderr.write(`${shown(line, aside)}\n`);
  return {
    ...switches,
    style: styleFor(out),
    aside: styleFor(aside),
    data: (text) => io.stdout.write(switches.json ? text : shown(text, out)),
    raw: (text) => io.stdout.write(text),
    say: (line) => (switches.quiet ? Promise.resolve() : say(line)),
    warn: say,
  };
}
