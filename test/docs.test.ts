import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  batchBytesMax,
  batchFramesMax,
  frameHeaderBytes,
  headerBlockBytes,
  idempotencyKeyCharsMax,
  idempotencyKeysMax,
  labelledSnapshotsMax,
  lockWaitMsDefault,
  payloadBytesMax,
  segmentBytesFirst,
  segmentBytesMax,
  segmentBytesMin,
  snapshotsKept,
  syncDelayMsDefault,
  syncDelayMsMax,
  syncEntriesDefault,
  syncEntriesMax,
  titleBytesMax,
  valueDepthMax,
} from '../src/base/quantities.ts';
import { spacingOf } from '../src/checkpoint/spacing.ts';
import { topicDefaults } from '../src/checkpoint/topic.ts';
import { triggers } from '../src/checkpoint/triggers.ts';
import { commitBytes, controlBytes, frameType } from '../src/format/control.ts';
import { requireRecoverOptions } from '../src/recovery/options.ts';
import { verdictRows } from '../src/recovery/verdict.ts';
import { eventFrameType, streamFrameType } from '../src/session/frame-types.ts';
import { resolveOptions } from '../src/store/options.ts';

const root = new URL('..', import.meta.url).pathname;
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/** The examples of a document in this language. */
function examples(text: string, language: 'js' | 'ts' = 'js'): string[] {
  const fences = text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'));
  return [...fences].map((match) => match[1] ?? '');
}

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('README', () => {
  test.each(examples(readme).map((code, index) => [index + 1, code] as const))(
    'example %i runs as plain JavaScript with the installed package',
    (_, code) => {
      const directory = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
      try {
        mkdirSync(join(directory, 'node_modules'));
        symlinkSync(root, join(directory, 'node_modules', 'holdfast'));
        writeFileSync(join(directory, 'example.mjs'), code);
        const output = execFileSync(process.execPath, ['example.mjs'], {
          cwd: directory,
          encoding: 'utf8',
        });
        expect(output).not.toBe('');
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );

  test.each(examples(readme, 'ts').map((code, index) => [index + 1, code] as const))(
    'typed example %i compiles as strictly as can be, and runs',
    (_, code) => {
      const directory = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
      const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
      const modules = ['--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
      try {
        mkdirSync(join(directory, 'node_modules'));
        symlinkSync(root, join(directory, 'node_modules', 'holdfast'));
        symlinkSync(join(root, 'node_modules/@types'), join(directory, 'node_modules/@types'));
        writeFileSync(join(directory, 'example.mts'), code);
        const run = (...args: string[]): string =>
          execFileSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
        run(join(root, 'node_modules/typescript/bin/tsc'), ...strict, ...modules, 'example.mts');
        expect(run('example.mjs')).not.toBe('');
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );

  test('install names every package whose install script may compile', () => {
    const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly allowScripts: Readonly<Record<string, boolean>>;
    };
    const compiled = Object.keys(allowScripts).filter((name) => allowScripts[name] === true);
    expect(compiled.length).toBeGreaterThan(1);
    const install = readme.slice(0, readme.indexOf('## The promise'));
    for (const name of compiled) expect(install).toContain(`\`${name}\``);
  });

  test('errors have an anchor for every code', () => {
    const source = readFileSync(join(root, 'src/base/errors.ts'), 'utf8');
    const union = source.slice(source.indexOf('ErrorCode ='), source.indexOf('/** A run of'));
    const codes = [...union.matchAll(/\| '([A-Z_]+)'/g)].map((match) => match[1] ?? '');
    expect(codes).toHaveLength(16);
    for (const code of codes) expect(readme).toContain(`<a id="error-${code.toLowerCase()}"></a>`);
  });

  test('reference names the bounds that the code has', () => {
    const MiB = 1024 * 1024;
    expect(readme).toContain(`| \`syncDelayMsMax\` | ${syncDelayMsDefault} |`);
    expect(readme).toContain(`1 to ${syncDelayMsMax} |`);
    expect(readme).toContain(`| \`syncEntriesMax\` | ${syncEntriesDefault} |`);
    expect(readme).toContain(`1 to ${syncEntriesMax} |`);
    expect(readme).toContain(`| \`lockWaitMs\` | ${lockWaitMsDefault} |`);
    expect(readme).toContain(`| \`segmentBytes\` | ${segmentBytesFirst / MiB} MiB |`);
    const segment = `${segmentBytesMin / 1024} KiB to ${segmentBytesMax / MiB} MiB |`;
    expect(readme).toContain(segment);
    expect(readme).toContain(
      `| ${payloadBytesMax / MiB} MiB encoded, nested ${valueDepthMax} deep`,
    );
    const batch = `1 to ${batchFramesMax - 1} messages, together ${batchBytesMax / MiB} MiB`;
    expect(readme).toContain(batch);
    const keys = `${idempotencyKeyCharsMax} characters; the newest ${idempotencyKeysMax} of`;
    expect(readme).toContain(keys);
    expect(readme).toContain(`${labelledSnapshotsMax} at most, and the newest ${snapshotsKept} `);
  });

  test('restore points have a row for every trigger, and the defaults of spacing and topic', () => {
    for (const trigger of triggers) expect(readme).toContain(`| \`${trigger}\` |`);
    for (const [name, value] of Object.entries(spacingOf())) {
      expect(readme).toContain(`| \`spacing.${name}\` | ${value} |`);
    }
    for (const [name, value] of Object.entries(topicDefaults)) {
      expect(readme).toContain(`| \`topic.${name}\` | ${value} |`);
    }
  });

  test('reference names the options that opening and recovering know', () => {
    const named = (run: () => unknown): string[] => {
      const error = thrownBy(run);
      return /known are (.*)$/.exec(String(error))?.[1]?.split(', ') ?? [];
    };
    const unknown = { nobodyKnows: 1 } as object;
    const opening = named(() => resolveOptions(unknown));
    expect(opening.length).toBeGreaterThan(5);
    for (const option of opening) expect(readme).toContain(`| \`${option}\` |`);
    const row = /\| `recover\(root, .*/.exec(readme)?.[0] ?? '';
    const recovering = named(() => requireRecoverOptions(unknown));
    expect(recovering.length).toBeGreaterThan(3);
    for (const option of recovering) expect(row).toContain(option);
  });

  test('promise names the ceilings that are the defaults', () => {
    expect(readme).toContain(`at most ${syncDelayMsDefault} ms`);
    expect(readme).toContain(`more than ${syncEntriesDefault} of them`);
  });
});

describe('ARCHITECTURE', () => {
  test('frame tells the sizes that the code has', () => {
    expect(architecture).toContain(`| ${frameHeaderBytes} | | payload, then zeros`);
    expect(architecture).toContain(`at most ${payloadBytesMax / 1024 / 1024} MiB`);
    expect(architecture).toContain(`blocks of ${headerBlockBytes} bytes`);
    expect(architecture).toContain(`1 to ${batchFramesMax}`);
    expect(architecture).toContain(`one layout of ${controlBytes} bytes`);
    expect(architecture).toContain(
      `| ${commitBytes(0)} | ${commitBytes(1) - commitBytes(0)} each |`,
    );
    expect(architecture).toContain(`2 + ${titleBytesMax} | title`);
  });

  test('types are listed with the numbers that the code gives', () => {
    const named = { ...frameType, ...streamFrameType, ...eventFrameType };
    for (const [name, type] of Object.entries(named)) {
      expect(architecture.replaceAll('\n', ' ')).toContain(`${type} ${name}`);
    }
  });

  test('recovery table has the rows of the decision table', () => {
    for (const row of verdictRows) expect(architecture).toContain(`| ${row.rule} |`);
    const word = new Map<boolean | null, string>([
      [true, ' yes '],
      [false, ' no '],
      [null, ' '],
    ]);
    for (const row of verdictRows) {
      const cells = row.pattern.map((value) => word.get(value) ?? '').join('|');
      expect(architecture).toContain(`|${cells}| ${row.verdict}`);
    }
  });
});
