/**
 * A transcript that is read from its bytes, in steps: between two of them the progress is shown,
 * and a signal is heard.
 */
import type { Progress } from '../../recovery/report.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import { openAgain, openTranscript } from '../../transcript/formats.ts';
import type { EarlyListener, FormatName, Transcript } from '../../transcript/transcript.ts';
import { breath } from './steps.ts';

/** How a long look is shown and stopped. */
export interface Watching {
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Reads a source that belongs to this path: the file itself, or what a repair makes of it. */
export async function reopened(
  file: ByteSource,
  path: string,
  watching: Watching,
  early?: EarlyListener,
): Promise<Transcript> {
  return walkedThrough(openTranscript(file, path, early), { file, path, watching });
}

/** As `reopened`, for bytes that are of this format, whatever they look like. */
export async function reopenedAs(
  format: FormatName,
  file: ByteSource,
  { path, watching }: { readonly path: string; readonly watching: Watching },
): Promise<Transcript> {
  return walkedThrough(openAgain(file, format), { file, path, watching });
}

async function walkedThrough(
  steps: Generator<number, Transcript>,
  about: { readonly file: ByteSource; readonly path: string; readonly watching: Watching },
): Promise<Transcript> {
  const { file, path, watching } = about;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    watching.onProgress?.({ what: `reading ${path}`, done: step.value, total: file.size });
    await breath(watching.signal);
  }
}
