/** Every format that is read, and which of them a file has. A new format is one line here. */
import { assert } from '../base/assert.ts';
import { HoldfastError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { packingOf } from './packed.ts';
import { lookAtFirst } from './detect.ts';
import type { FirstLook } from './detect.ts';
import { claudeCode } from './claude-code/reader.ts';
import { cline } from './cline/reader.ts';
import { codex } from './codex/reader.ts';
import { copilot } from './copilot-cli/reader.ts';
import { gemini } from './gemini-cli/reader.ts';
import { goose } from './goose/reader.ts';
import { kimi } from './kimi/reader.ts';
import { opencode } from './opencode/reader.ts';
import { pi } from './pi/reader.ts';
import { anthropicMessages, openaiMessages } from './messages/reader.ts';
import { aiSdk } from './requests/ai-sdk.ts';
import { aiSdkUi } from './requests/ai-sdk-ui.ts';
import { geminiContents } from './requests/gemini.ts';
import { openaiResponses } from './requests/responses.ts';
import type { EarlyListener, FormatName, FormatReader, Transcript } from './transcript.ts';
import { wideEncoding } from './wide-text.ts';
import type { WideEncoding } from './wide-text.ts';

/** In the order in which they are asked; the first of those that are equally sure is taken. */
export const formats: readonly FormatReader[] = [
  claudeCode,
  codex,
  pi,
  gemini,
  opencode,
  goose,
  cline,
  copilot,
  kimi,
  openaiMessages,
  anthropicMessages,
  openaiResponses,
  geminiContents,
  aiSdk,
  aiSdkUi,
];

/** The format of the file by its content, or null when it is none that is known. */
export function detectFormat(source: ByteSource): FormatReader | null {
  return surest(lookAtFirst(source));
}

/**
 * Reads a transcript, whichever format it has; yields how many bytes are done. `early` hears its
 * messages on the way, where the format allows it.
 */
export function* openTranscript(
  source: ByteSource,
  path = '',
  early?: EarlyListener,
): Generator<number, Transcript> {
  refuseWide(source, path);
  const look = lookAtFirst(source);
  const format = surest(look);
  if (format === null) {
    refusePacked(source, path);
    const known = formats.map(({ name }) => name).join(', ');
    const named = path === '' ? 'This' : JSON.stringify(path);
    const message = `${named} is no transcript that is known here: it holds ${seen(look, source)}`;
    throw new HoldfastError('INVALID', `${message}; known formats are ${known}`, { path });
  }
  return yield* format.open(source, early);
}

/** Reads what a mend makes of a file, in the format that the file had. */
export function openAgain(source: ByteSource, name: FormatName): Generator<number, Transcript> {
  const format = formats.find((one) => one.name === name);
  assert(format !== undefined, 'every format has a reader');
  return format.open(source);
}

/** Refuses text of two bytes a character, and says what makes a transcript of it. */
function refuseWide(source: ByteSource, path: string): void {
  const encoding = wideEncodingOf(source);
  if (encoding === null) return;
  const named = path === '' ? 'This' : JSON.stringify(path);
  const message =
    `${named} is ${encoding} text, which no tool reads as a transcript; make a copy in UTF-8 ` +
    `(iconv -f ${encoding} -t UTF-8 FILE > COPY) and look at that one`;
  throw new HoldfastError('INVALID', message, { path });
}

/** Refuses what is packed, and says what unpacks it. */
function refusePacked(source: ByteSource, path: string): void {
  const packing = packingOf(source.read(0, Math.min(packedLookBytes, source.size)));
  if (packing === null) return;
  const named = path === '' ? 'This' : JSON.stringify(path);
  const message =
    `${named} is packed (${packing.name}), and no transcript as it is; unpack it ` +
    `(${packing.command}) and look at what comes out`;
  throw new HoldfastError('INVALID', message, { path });
}

/** The encoding of a text of two bytes a character; null for every other file. */
export function wideEncodingOf(source: ByteSource): WideEncoding {
  return wideEncoding(source.read(0, Math.min(wideLookBytes, source.size)));
}

const wideLookBytes = 4096;
const packedLookBytes = 8;

function surest({ first }: FirstLook): FormatReader | null {
  let best: FormatReader | null = null;
  let sure = 0;
  for (const format of formats) {
    const answer = format.recognise(first);
    if (answer > sure) [best, sure] = [format, answer];
  }
  return best;
}

/** In words, what stands at the beginning of the file. */
function seen({ kind, first }: FirstLook, source: ByteSource): string {
  if (source.size === 0) return 'no bytes';
  if (kind === 'nothing') return 'no JSON at its beginning';
  const [value] = first;
  const isOne = kind === 'document' || first.length === 1;
  if (isOne && Array.isArray(value) && value.length > 0) return seenList(value);
  return kind === 'document'
    ? `one JSON value, ${shape(value)}`
    : `lines of JSON, first ${shape(value)}`;
}

/** Who puts the records of a tool into one list gets a file that the tool itself cannot read. */
function seenList(elements: readonly unknown[]): string {
  const what = `one list, first ${shape(elements[0])}`;
  const format = surest({ kind: 'lines', first: elements });
  if (format === null) return what;
  return (
    `${what}; these are records as ${format.name} has them on lines of their own ` +
    "(jq -c '.[]' FILE > COPY makes such a file)"
  );
}

function shape(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value !== 'object' || value === null)
    return `a ${value === null ? 'null' : typeof value}`;
  const names = Object.keys(value);
  const shown = names.slice(0, 8).map((name) => JSON.stringify(name.slice(0, 40)));
  const more = names.length > 8 ? ` and ${names.length - 8} more` : '';
  return names.length === 0 ? 'an empty object' : `an object with ${shown.join(', ')}${more}`;
}
