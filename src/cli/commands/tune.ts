/** `holdfast tune`: what this disk can do, and which settings fit it. */
import { resolve } from 'node:path';
import { HoldfastError } from '../../base/errors.ts';
import { nodeClock, nodeRandom } from '../../platform/node-clock.ts';
import { mountOptions } from '../../platform/mount-options.ts';
import { nodeFileSystem } from '../../platform/node-file-system.ts';
import { isAlive, machineLoad, processInfo } from '../../platform/process-info.ts';
import { pageOf } from '../../tune/page.ts';
import type { TuneReport } from '../../tune/report.ts';
import { tune as runTune } from '../../tune/tune.ts';
import type { TuneParts } from '../../tune/tune.ts';
import { storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { writeNewFile } from '../new-file.ts';
import { bytesOption, numberOf } from '../number-option.ts';
import { progressLine } from '../progress.ts';
import { storeDirectory } from '../store-directory.ts';
import { json } from '../text.ts';
import { tuneText } from '../tune-text.ts';
import { UsageError } from '../usage-error.ts';

const MiB = 1024 * 1024;
const secondsDefault = 30;
const bytesDefault = 4096 * MiB;
const bytesDefaultText = '4GiB';
/** Less would not do for the first probe and one store. */
const bytesMin = { least: 16 * MiB, leastText: '16MiB' };

/** The command. */
export const tune: Command = {
  name: 'tune',
  summary: 'Measure this disk and recommend the settings that fit it',
  positionals: [
    {
      name: 'DIR',
      required: false,
      summary: 'A directory on the disk that is meant (default: where the usual store is)',
    },
  ],
  options: [
    storeOption,
    { name: 'seconds', value: 'N', summary: `Time for all of it (default ${secondsDefault})` },
    {
      name: 'bytes',
      value: 'N',
      summary:
        'Bytes to write at most, also with KiB, MiB or GiB ' +
        `(default ${bytesDefaultText}, at least ${bytesMin.leastText})`,
    },
    { name: 'html', value: 'FILE', summary: 'Write the charts to a new file, a page of its own' },
  ],
  details: [
    'Measures fdatasync, growing files, sizes of writes and of segments, then the engine itself ' +
      'with sessions, batches, payloads and both limits of batched appends; recommends ' +
      'syncEntriesMax, syncDelayMsMax, segmentBytes and io for Store.open, and tries the advice ' +
      'against its neighbours and against the defaults in alternating rounds. Where the rounds ' +
      'do not agree it says that it could not decide. On a busy machine, which is told in the ' +
      'first lines, no limit goes beyond its default.',
    'It works in a scratch directory in DIR, or beside the store when DIR is one, and removes it ' +
      'at the end, at Ctrl-C and on a full disk. About a third of --bytes is needed as room at a ' +
      'time.',
    'A disk whose flush is none, or too quick to be one, is told in the first lines and as ' +
      'disk.flush in JSON; that is no failure, and the exit code is 0. On a full disk the report ' +
      'has what was measured until then, and the exit code is 50.',
  ],
  examples: [
    { line: 'holdfast tune --seconds 2', why: 'a quick look at the disk of the usual store' },
    { line: 'holdfast tune . --seconds 2 --html tuned.html', why: 'another disk, with charts' },
    {
      line: 'holdfast tune . --seconds 2 --bytes 512MiB',
      why: 'a disk with little room, or that wears out',
    },
  ],
  exits: [0, 40, 50, 64, 66, 70, 129, 130, 143],
  schema: 'holdfast.tune/1',
  run: runCommand,
};

async function runCommand(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const html = args.text('html');
  if (html === '') throw new UsageError('--html needs the name of a new file');
  const report = html === undefined ? await measure(context) : await withPage(context, html);
  await tell(talk, report);
  if (html !== undefined && !talk.json) await talk.say(`The charts are in ${resolve(html)}`);
  if (report.stopped?.code === 'FULL' && !io.signal.aborted) throw fullError(report);
  return 0;
}

/** The numbers are worth more than the page: where it cannot be written they are told first. */
async function withPage(context: Context, html: string): Promise<TuneReport> {
  let measured: TuneReport | null = null;
  try {
    // The file is begun first: nobody waits for a page that cannot be written.
    return await writeNewFile(
      resolve(html),
      (line) => context.talk.say(line),
      async (write) => {
        measured = await measure(context);
        await write(pageOf(measured));
        return measured;
      },
    );
  } catch (error) {
    if (measured !== null) await tell(context.talk, measured);
    throw error;
  }
}

async function tell(talk: Context['talk'], report: TuneReport): Promise<void> {
  await talk.data(talk.json ? `${json(report)}\n` : tuneText(report, talk.style));
}

async function measure({ args, engine, io, talk }: Context): Promise<TuneReport> {
  const bytes = bytesOption(args, 'bytes', bytesMin) ?? bytesDefault;
  const seconds = numberOf(args, 'seconds') ?? secondsDefault;
  const parts: TuneParts = {
    fileSystem: nodeFileSystem('inline'),
    clock: nodeClock(),
    random: nodeRandom(),
    open: (root, options) => engine.openStore(root, options),
    node: process.versions.node,
    load: machineLoad(),
    self: processInfo(),
    isAlive,
    mountOptions,
  };
  const directory = await measuredDirectory({ args, io }, parts);
  const progress = progressLine(io, talk);
  const { onProgress } = progress;
  try {
    return await runTune(parts, { directory, seconds, bytes, signal: io.signal, onProgress });
  } catch (error) {
    await progress.clear();
    // The error of a directory that could not be removed is another one.
    const isStopped = io.signal.aborted && error === io.signal.reason;
    if (isStopped && io.stderr.isTerminal && !talk.json) {
      await talk.say('Stopped; nothing was recommended, and the scratch directory is gone.');
    }
    throw error;
  } finally {
    await progress.clear();
  }
}

/** What was named; or where the usual store is, or will be: the nearest directory that is there. */
async function measuredDirectory(
  { args, io }: Pick<Context, 'args' | 'io'>,
  { fileSystem }: TuneParts,
): Promise<string> {
  const usual = storeDirectory(args, io);
  if (args.has('DIR') || args.has('store')) return usual;
  let directory = usual;
  while ((await fileSystem.stat(directory)) === null) directory = resolve(directory, '..');
  if (directory !== resolve(directory, '..')) return directory;
  throw new UsageError(
    `no store is usual here: of ${JSON.stringify(usual)} nothing is there but the root; name a ` +
      'DIR on the disk that is meant',
  );
}

function fullError({ directory, stopped }: TuneReport): HoldfastError<'FULL'> {
  const details = { path: directory, bytesNeeded: null, errno: 'ENOSPC' };
  return new HoldfastError('FULL', stopped?.message ?? 'No room', details);
}
