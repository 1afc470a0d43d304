/**
 * `npm run large-transcript`: writes a transcript of Claude Code of any size, checks it, and tells
 * how much memory that took and how fast it was beside reading and JSON.parse of the lines alone.
 * Both take turns, each in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions, refuse, wholeNumber } from './usage.mjs';

const { values } = readOptions({
  usage: `Usage: npm run large-transcript -- [--bytes N] [--rounds N] [--directory DIR]

  --bytes N        size of the transcript (268435456)
  --rounds N       how often each way takes its turn; medians are told (5)
  --directory DIR  where the transcript is written, and taken away again
`,
  options: {
    bytes: { type: 'string', default: String(256 * 1024 * 1024) },
    rounds: { type: 'string', default: '5' },
    directory: { type: 'string', default: tmpdir() },
    // For the processes that this script starts.
    measure: { type: 'string' },
    file: { type: 'string' },
  },
});

const words = 'The build is red because one test expects the old path of the notes file. ';

/** One turn: a prompt, a call, its result and an answer, as Claude Code writes them. */
function turn(number, last) {
  const uuid = (part) =>
    `${String(number * 4 + part).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const line = (part, type, message) => ({
    parentUuid: part === 0 ? last : uuid(part - 1),
    isSidechain: false,
    userType: 'external',
    cwd: '/home/me/shop',
    sessionId: '5e551075-0000-4000-8000-000000000009',
    version: '2.1.42',
    gitBranch: 'main',
    type,
    message,
    uuid: uuid(part),
    timestamp: new Date(Date.UTC(2026, 1, 3) + (number * 4 + part) * 1000).toISOString(),
  });
  const said = (part, id, block) =>
    line(part, 'assistant', {
      model: 'claude-sonnet-4-5',
      id,
      type: 'message',
      role: 'assistant',
      content: [block],
      stop_reason: null,
    });
  const call = `toolu_${number}`;
  const records = [
    line(0, 'user', { role: 'user', content: `Step ${number}: why is it red?` }),
    said(1, `msg_${number}a`, {
      type: 'tool_use',
      id: call,
      name: 'Bash',
      input: { command: 'npm test' },
    }),
    line(2, 'user', {
      role: 'user',
      content: [
        { tool_use_id: call, type: 'tool_result', content: words.repeat(20 + (number % 160)) },
      ],
    }),
    // Every fourth answer has letters beyond ASCII, as answers have.
    said(3, `msg_${number}b`, {
      type: 'text',
      text: `${number % 4 === 0 ? 'Größe: ' : ''}${words.repeat(4).trim()}`,
    }),
  ];
  return { text: records.map((record) => `${JSON.stringify(record)}\n`).join(''), last: uuid(3) };
}

function write(path, bytes) {
  const fd = openSync(path, 'w');
  let last = null;
  let parts = [];
  let held = 0;
  let written = 0;
  for (let number = 0; written < bytes; number += 1) {
    const made = turn(number, last);
    last = made.last;
    parts.push(made.text);
    held += made.text.length;
    if (held > 4 * 1024 * 1024 || written + held >= bytes) {
      written += writeSync(fd, parts.join(''));
      parts = [];
      held = 0;
    }
  }
  closeSync(fd);
  return written;
}

/** What everybody must do: read the file, and JSON.parse each line. */
function parseAlone(path) {
  const fd = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(4 * 1024 * 1024);
  let held = 0;
  let records = 0;
  for (;;) {
    const read = readSync(fd, buffer, held, 1024 * 1024, null);
    if (read === 0) break;
    const bytes = buffer.subarray(0, held + read);
    let from = 0;
    for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
      JSON.parse(bytes.toString('utf8', from, to));
      records += 1;
      from = to + 1;
    }
    bytes.copy(buffer, 0, from);
    held = bytes.length - from;
  }
  closeSync(fd);
  return { records };
}

const built = (path) => import(new URL(`../dist/${path}`, import.meta.url));

/** The byte layer alone. */
async function recordsOf(path) {
  const { openByteFile } = await built('platform/byte-file.js');
  const { jsonLines } = await built('transcript/records.js');
  let records = 0;
  let faults = 0;
  const file = openByteFile(path);
  for (const _record of jsonLines(file, () => (faults += 1))) records += 1;
  file.close();
  return { records, faults };
}

/** What `recover verify` does: format, graph and every rule of the provider. */
async function checked(path) {
  const { checkTranscript } = await built('cli/transcripts/checked.js');
  const watching = { signal: new AbortController().signal, onProgress: undefined };
  const { transcript, check, findings } = await checkTranscript(
    { path, session: null },
    null,
    watching,
  );
  return {
    records: transcript.records,
    messages: check.counters.messages,
    faults: findings.length,
  };
}

const ways = { 'parse-alone': parseAlone, records: recordsOf, checked };

async function measure(way, path) {
  const began = process.hrtime.bigint();
  const told = await ways[way](path);
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  const { user, system } = process.cpuUsage();
  const cpuMs = (user + system) / 1000;
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(JSON.stringify({ ...told, ms, cpuMs, peakMiB }));
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function compare() {
  const bytes = wholeNumber(values, 'bytes');
  const rounds = wholeNumber(values, 'rounds');
  const folder = mkdtempSync(join(values.directory, 'holdfast-large-'));
  const file = join(folder, 'large.jsonl');
  try {
    const size = write(file, bytes);
    process.stdout.write(`${size} bytes\n`);
    const runs = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const way of Object.keys(ways)) {
        const script = fileURLToPath(import.meta.url);
        const child = spawnSync('node', [script, '--measure', way, '--file', file], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        if (child.status !== 0) refuse(`${way} ended with ${child.status}`);
        runs[way].push(JSON.parse(child.stdout));
      }
    }
    const alone = median(runs['parse-alone'].map(({ ms }) => ms));
    for (const [way, each] of Object.entries(runs)) {
      const ms = median(each.map((run) => run.ms));
      const ratios = each.map((run, at) => runs['parse-alone'][at].ms / run.ms);
      const cpu = median(each.map((run, at) => runs['parse-alone'][at].cpuMs / run.cpuMs));
      const { records, messages = '-', faults = '-' } = each[0];
      const shown = [
        way.padEnd(12),
        `${Math.round(size / ms / 1000)} MB/s`,
        `${(alone / ms).toFixed(2)} of parse-alone (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
        `${cpu.toFixed(2)} by processor time`,
        `peak ${Math.max(...each.map(({ peakMiB }) => peakMiB))} MiB`,
        `${records} records, ${messages} messages, ${faults} findings`,
      ];
      process.stdout.write(`${shown.join('  ')}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.measure === undefined) compare();
else {
  const fd = openSync(values.file, 'r');
  if (!fstatSync(fd).isFile()) refuse('--file is a transcript');
  closeSync(fd);
  await measure(values.measure, values.file);
}
