/** `recover dump`: what stands in files of a store, frame by frame. */
import { HoldfastError } from '../../base/errors.ts';
import { unreachable } from '../../base/assert.ts';
import type { DumpedFrame, DumpLine } from '../../recovery/dump.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Style } from '../talk.ts';
import { bytes, json, oneLine, time } from '../text.ts';

/** The command. */
export const recoverDump: Command = {
  name: 'recover dump',
  summary: 'Print the headers and frames of files, damage included',
  positionals: [
    {
      name: 'FILE',
      required: true,
      repeatable: true,
      summary: 'Journal segments, histories, store.json or writers, one after the other',
    },
  ],
  options: [],
  details: [
    'Exits with 20 when some bytes are neither frame nor free space; the tail may be torn. ' +
      'Journals are there while a writer has the store open, and after it died.',
  ],
  examples: [
    { line: 'recover dump ./store/sessions/s1/history', why: 'the home of one session' },
    { line: 'recover dump ./store/journals/*/*.segment --json', why: 'journals, with payloads' },
  ],
  exits: [0, 20, 50, 64, 66, 70],
  schema: 'holdfast.dump/1',
  run: runDump,
};

async function runDump({ args, engine, io, talk }: Context): Promise<ExitCode> {
  let code: ExitCode = 0;
  for (const path of args.texts('FILE')) {
    for await (const line of engine.dump(path)) {
      if (io.stdout.gone.aborted || io.signal.aborted) return code;
      if (line.kind === 'file' && line.file === 'unknown') throw noStoreFile(path);
      if (line.kind === 'damage' || (line.kind === 'header' && line.fields === null)) code = 20;
      const told = { schema: 'holdfast.dump/1', ...line };
      await talk.data(`${talk.json ? json(told) : lineText(line, talk.style)}\n`);
    }
  }
  return code;
}

/** Nothing of it can be damaged: neither its first bytes nor its name are those of a store. */
function noStoreFile(path: string): HoldfastError<'INVALID'> {
  const message =
    `Cannot dump ${JSON.stringify(path)}: it is no file of a store; name a segment, a history, ` +
    'store.json or writers';
  return new HoldfastError('INVALID', message, { path: 'FILE' });
}

function lineText(line: DumpLine, style: Style): string {
  switch (line.kind) {
    case 'file':
      return `${style.bold(line.path)}  ${line.file}, ${bytes(line.bytes)}`;
    case 'header': {
      const blocks = line.soundBlocks === null ? '' : `, ${line.soundBlocks} of 2 blocks sound`;
      if (line.fields === null) return `${at(line.offset)}  ${style.red('unreadable')}${blocks}`;
      const fields = Object.entries(line.fields).map(([name, value]) => `${name}=${json(value)}`);
      return `${at(line.offset)}  header${blocks}  ${style.dim(oneLine(fields.join(' '), 600))}`;
    }
    case 'frame':
      return frameText(line, style);
    case 'damage': {
      const lost = line.frame === null ? '' : `; it was ${frameText(line.frame, style).trim()}`;
      const text = `${bytes(line.bytes)}: ${line.reason}${lost}`;
      return `${at(line.offset)}  ${style.red('DAMAGE')}  ${text}`;
    }
    case 'vouched-end':
      return `${at(line.offset)}  ${style.dim(`vouched end, seq ${line.seq}`)}`;
    case 'free':
      return `${at(line.offset)}  ${style.dim(`free, ${bytes(line.bytes)}`)}`;
    default:
      return unreachable(line);
  }
}

function frameText(frame: DumpedFrame, style: Style): string {
  const { name, stream, streamSeq, journalSeq, timeMs, payloadBytes, detail } = frame;
  const hasStream = !/^0+$/.test(stream);
  const whose = hasStream ? ` stream=${stream.slice(0, 8)} seq=${streamSeq}` : '';
  const told = detail === null ? '' : `  ${style.dim(oneLine(json(detail), 160))}`;
  const head = `${at(frame.offset)}  ${style.cyan(name.padEnd(9))}${whose} journal=${journalSeq}`;
  return `${head} ${bytes(payloadBytes)} ${time(timeMs)}${told}`;
}

function at(offset: number): string {
  return String(offset).padStart(10);
}
