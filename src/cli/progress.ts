/**
 * How far a long piece of work has come: one line on stderr that replaces itself, on a terminal
 * that can do that only.
 */
import type { Progress } from '../recovery/report.ts';
import type { Io } from './io.ts';
import type { Talk } from './talk.ts';
import { harmless, number } from './text.ts';

const intervalMs = 100;

/** A line that shows progress and takes itself away. */
export interface ProgressLine {
  /** Hand this to the work; undefined when nobody would see it. */
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** Takes the line away; call it before anything else is written. */
  clear(): Promise<void>;
}

/** A progress line for this run. */
export function progressLine(io: Io, talk: Talk): ProgressLine {
  // A dumb terminal takes no line back: each would stand behind the one before.
  const isShown = io.stderr.isTerminal && io.env['TERM'] !== 'dumb';
  if (!isShown || talk.quiet || talk.json) {
    return { onProgress: undefined, clear: () => Promise.resolve() };
  }
  let shownMs = Number.NEGATIVE_INFINITY;
  // Writes follow each other; a failed one is told by the next one that somebody waits for.
  let last: Promise<unknown> = Promise.resolve();
  const write = (text: string): void => {
    last = last.then(() => io.stderr.write(text)).catch(() => undefined);
  };
  return {
    onProgress: ({ what, done, total }) => {
      const nowMs = performance.now();
      if (nowMs - shownMs < intervalMs) return;
      shownMs = nowMs;
      const of = total === null ? '' : ` of ${number(total)}`;
      write(`\r\u001b[K${harmless(what)}: ${number(done)}${of}`);
    },
    clear: async () => {
      if (shownMs > Number.NEGATIVE_INFINITY) write('\r\u001b[K');
      shownMs = Number.NEGATIVE_INFINITY;
      await last;
    },
  };
}
