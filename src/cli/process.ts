/**
 * The real world around a run: streams of this process, signals, and the last word when something
 * escapes. The exit code is never 1.
 */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { errnoOf, fromSystem } from '../base/errors.ts';
import { nodeClock } from '../platform/node-clock.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { readEndOf } from '../platform/read-end.ts';
import { engine } from './library.ts';
import { Stopped } from './io.ts';
import type { Input, Io, Output } from './io.ts';
import { run } from './run.ts';
import { version } from './version.ts';

/** How often a command that waits looks whether its reader is still there. */
const lookEveryMs = 250;

/** Runs the words of this process and ends it. */
export async function runProcess(program: Io['program']): Promise<never> {
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${program}: a fault in Holdfast; please report it\n${error.stack}\n`);
    process.exit(70);
  });
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Once: a second signal kills at once, as everybody expects.
    process.once(name, () => stop.abort(new Stopped(name)));
  }
  const code = await run(process.argv.slice(2), {
    program,
    version: await version(),
    stdin: inputOf(process.stdin),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    home: homedir(),
    signal: stop.signal,
    engine,
    isDirectory,
  });
  // All output was awaited; what still runs, such as a read of stdin, has nothing left to say.
  process.exit(code);
}

async function isDirectory(path: string): Promise<boolean> {
  const fileSystem = nodeFileSystem('inline');
  try {
    const stat = await fileSystem.stat(await fileSystem.realPath(resolve(path)));
    return stat?.kind === 'directory';
  } catch {
    // What cannot be seen is no directory to the caller, who says what was expected there.
    return false;
  }
}

/** A readable stream as an input; it is not touched before somebody reads. */
export function inputOf(stream: Readable & { readonly isTTY?: boolean }): Input {
  return { isTerminal: stream.isTTY === true, chunks: () => stream as AsyncIterable<Uint8Array> };
}

/** A writable stream as an output. */
export function outputOf(stream: Writable & { readonly isTTY?: boolean }): Output {
  const gone = new AbortController();
  const closed = (error: unknown): boolean =>
    ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes(codeOf(error));
  // Errors also come back from each write; without a listener they would end the process.
  stream.on('error', (error) => {
    if (closed(error)) gone.abort();
  });
  return {
    isTerminal: stream.isTTY === true,
    gone: gone.signal,
    write: (text) =>
      new Promise((resolve, reject) => {
        if (gone.signal.aborted || text === '') return resolve();
        stream.write(text, (error) => {
          if (error === null || error === undefined) return resolve();
          if (!closed(error)) return reject(fromSystem(error, 'write the answer', null));
          gone.abort();
          resolve();
        });
      }),
    watch: () => watchReader(stream, gone),
  };
}

/** Looks at the pipe of a standard stream again and again; the process does not wait for it. */
async function watchReader(stream: Writable, gone: AbortController): Promise<void> {
  const readEnd = stream === process.stdout ? await readEndOf(1) : null;
  if (readEnd === null) return;
  const clock = nodeClock();
  const look = (): void => {
    if (gone.signal.aborted) return;
    if (readEnd() === 'gone') gone.abort();
    else clock.after(lookEveryMs, look);
  };
  look();
}

function codeOf(error: unknown): string {
  return errnoOf(error) ?? String((error as { readonly code?: unknown }).code);
}
