/**
 * The world as a command sees it: streams, settings of the environment, the wish to stop, the
 * library. Data goes to `stdout`, talk to `stderr`.
 */
import type { Engine } from './engine.ts';
import type { StopSignal } from './exit-codes.ts';

/** A stream that a command writes to. */
export interface Output {
  readonly isTerminal: boolean;
  /** Aborted once nobody reads any more (EPIPE); what is written after that goes nowhere. */
  readonly gone: AbortSignal;
  /**
   * Resolves when the text is with the operating system, so that a slow reader slows the writer
   * down. Rejects as the machine fails, but not with EPIPE.
   */
  write(text: string): Promise<void>;
  /** Resolves, never rejects, once looks begin that abort `gone` also while nothing is written. */
  watch(): Promise<void>;
}

/** The stream that a command reads from. Stopping to read early frees it. */
export interface Input {
  readonly isTerminal: boolean;
  chunks(): AsyncIterable<Uint8Array>;
}

/** Everything that a command may touch. */
export interface Io {
  /** The name that the program was called by. */
  readonly program: 'holdfast' | 'recover';
  readonly version: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, with a `Stopped` as its reason. */
  readonly signal: AbortSignal;
  readonly engine: Engine;
  /** True for a directory, also behind symbolic links; false when it cannot be seen. */
  isDirectory(path: string): Promise<boolean>;
}

/** The reason of an abort by a signal. */
export class Stopped extends Error {
  override readonly name = 'AbortError';
  readonly signalName: StopSignal;

  constructor(signalName: StopSignal) {
    super(`Stopped by ${signalName}`);
    this.signalName = signalName;
  }
}
