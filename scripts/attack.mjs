/**
 * `npm run attack`: makes stores that attack whoever reads them, and lets the real `recover` scan and
 * verify each, within the bounds of memory that ARCHITECTURE.md states.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chosen, readOptions, refuse } from './usage.mjs';

/** Peak of resident memory of the whole process, in MiB; stated in ARCHITECTURE.md. */
const memoryMiBMax = 512;

const { values } = readOptions({
  usage: `Usage: npm run attack -- [--scale X] [--only WORDS] [--in DIR] [--json]

  --scale X        part of the full size, above 0 and up to 1 (default 1: 2 GiB, and one at a time)
  --only WORDS     only attacks whose name contains this
  --command LIST   scan, verify, or both (default: scan,verify)
  --in DIR         where the stores are made (default: the directory for temporary files)
  --seconds-max N  how long one command may take (default 600)
  --json           one object a line

Ends with 1 when a command needed more than ${memoryMiBMax} MiB of memory, hung, died, or did not answer
with a report or an error that has a code; with 0 when none did, with 64 for wrong usage.
`,
  options: {
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    command: { type: 'string', default: 'scan,verify' },
    in: { type: 'string', default: tmpdir() },
    'seconds-max': { type: 'string', default: '600' },
    json: { type: 'boolean', default: false },
  },
});
const { initChecksum } = await import('../dist/format/checksum.js');
const { attacks } = await import('./attack/stores.mjs');
const scale = Number(values.scale);
const commands = values.command.split(',');
const secondsMax = Number(values['seconds-max']);
if (!(scale > 0 && scale <= 1) || !(secondsMax > 0)) {
  refuse('--scale is a number above 0 and up to 1, --seconds-max one above 0');
}
const recover = fileURLToPath(new URL('../dist/cli/recover.js', import.meta.url));
const preload = new URL('attack/peak-memory.mjs', import.meta.url).href;

/** Runs one command on a store and says what it took, and what is wrong with that. */
function run(name, command, store) {
  const started = performance.now();
  const words = ['--import', preload, recover, command, store, '--json'];
  const { status, stdout, stderr, output } = spawnSync(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: secondsMax * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
  });
  const seconds = (performance.now() - started) / 1000;
  const memoryMiB = Math.ceil(Number(output?.[3] ?? 0) / 1024);
  const answer = answerOf(stdout, stderr);
  const faults = [];
  if (status === null) faults.push('it was killed, or took too long');
  if (answer === null) faults.push(`no answer: ${String(stderr).slice(0, 300)}`);
  if (status !== null && ![0, 10, 20, 40].includes(status)) faults.push(`exit code ${status}`);
  if (memoryMiB > memoryMiBMax) faults.push(`more than ${memoryMiBMax} MiB`);
  if (memoryMiB === 0) faults.push('memory unknown');
  return {
    name,
    command,
    exit: status,
    answer,
    seconds: Math.round(seconds * 10) / 10,
    memoryMiB,
    faults,
  };
}

/** The verdict of a report, or the code of an error. */
function answerOf(stdout, stderr) {
  try {
    const { schema, verdict, code } = JSON.parse(stdout === '' ? stderr : stdout);
    return schema === 'holdfast.recovery/1' ? verdict : code;
  } catch {
    return null;
  }
}

await initChecksum();
let bad = 0;
for (const [name, make] of chosen(Object.entries(attacks), values.only, ([name]) => name)) {
  const directory = mkdtempSync(join(values.in, 'holdfast-attack-'));
  try {
    const store = join(directory, 'store');
    await make(store, scale);
    for (const command of commands) {
      const result = run(name, command, store);
      bad += result.faults.length;
      const { exit, answer, seconds, memoryMiB, faults } = result;
      const line = `${name}, ${command}: ${answer} (${exit}), ${memoryMiB} MiB, ${seconds} s`;
      const text = faults.length === 0 ? line : `${line}; WRONG: ${faults.join('; ')}`;
      process.stdout.write(`${values.json ? JSON.stringify(result) : text}\n`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
process.exit(bad === 0 ? 0 : 1);
