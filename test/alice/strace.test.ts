/** The reader of strace's output: made-up lines, and those of the strace that is here. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { straceTrouble } from './record.ts';
import { bytesOf, descriptorOf, parseStrace, straceOptions, textOf, vectorOf } from './strace.ts';

const hex = (text: string): string =>
  `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;

describe('parseStrace', () => {
  it('gives name, arguments, result and lines of a call', () => {
    const text = `7  pwrite64(21<\\x2f\\x61>, ${hex('a,b)')}, 4, 512) = 4\n`;
    const [call] = parseStrace(text);
    expect(call).toMatchObject({ name: 'pwrite64', result: 4, begin: 0, end: 0 });
    expect(call?.args).toEqual(['21<\\x2f\\x61>', hex('a,b)'), '4', '512']);
  });

  it('joins a call that others interrupted, per thread', () => {
    const text = [
      `7  fsync(3<\\x2f> <unfinished ...>`,
      `8  fdatasync(4<\\x2f> <unfinished ...>`,
      `7  <... fsync resumed>)              = 0`,
      `8  <... fdatasync resumed>)          = -1 EIO (Input/output error)`,
      `7  close(3<\\x2f>) = 0`,
    ].join('\n');
    expect(parseStrace(text)).toMatchObject([
      { name: 'fsync', begin: 0, end: 2, result: 0 },
      { name: 'fdatasync', begin: 1, end: 3, result: -1 },
      { name: 'close', begin: 4, end: 4, result: 0 },
    ]);
  });

  it('tells of a call in which the process ended, as one without an end', () => {
    const text = [
      `7  pwrite64(3<\\x2f>, ${hex('x')}, 1, 0 <unfinished ...>`,
      `8  fsync(3<\\x2f>) = ?`,
      `7  +++ killed by SIGKILL +++`,
      `9  fsync(4<\\x2f> <unfinished ...>`,
    ].join('\n');
    const endless = { result: null, end: Number.POSITIVE_INFINITY };
    expect(parseStrace(text)).toMatchObject([
      { name: 'pwrite64', args: ['3<\\x2f>', hex('x'), '1', '0'], ...endless },
      { name: 'fsync', ...endless },
      { name: 'fsync', args: ['4<\\x2f>'], ...endless },
    ]);
  });

  it('passes signals and ends of threads over, and refuses what it does not understand', () => {
    expect(parseStrace('7  --- SIGCHLD {si_signo=17} ---\n7  +++ exited with 0 +++\n')).toEqual([]);
    expect(() => parseStrace('no line')).toThrow('Not a line of strace: no line');
    expect(() => parseStrace('7  <... fsync resumed>) = 0')).toThrow('Nothing is resumed');
    expect(() => parseStrace('7  fsync(3<\\x2f>')).toThrow('Not a line');
  });
});

describe('bytesOf', () => {
  it('reads every byte, and refuses a string that was cut short', () => {
    expect(bytesOf('"\\x00\\xff\\x0a"')).toEqual(new Uint8Array([0, 255, 10]));
    expect(bytesOf('""')).toEqual(new Uint8Array());
    expect(() => bytesOf('"\\x00"...')).toThrow('No whole string');
    expect(() => vectorOf('[{iov_base="\\x00"..., iov_len=5}]')).toThrow('No whole string');
    expect(
      vectorOf(`[{iov_base=${hex('ab')}, iov_len=2}, {iov_base=${hex('c')}, iov_len=1}]`),
    ).toEqual(new Uint8Array(Buffer.from('abc')));
  });
});

describe('descriptorOf', () => {
  it('reads the number in front of the path', () => {
    expect(descriptorOf('21<\\x2f\\x61>')).toBe(21);
    expect(() => descriptorOf('AT_FDCWD')).toThrow('No descriptor');
  });
});

const trouble = straceTrouble();
if (trouble !== null) process.stdout.write(`The real strace was not read: ${trouble}\n`);

test.skipIf(trouble !== null)('parseStrace reads what the strace of this machine writes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-strace-'));
  try {
    const [output, target] = [join(directory, 'out'), join(directory, 'a "b", <c>)')];
    const code = `const fs = require('node:fs');
      const fd = fs.openSync(process.argv[1], 'w');
      fs.writeSync(fd, Buffer.from(process.argv[2], 'hex'), 0, 300, 7);
      fs.writevSync(fd, [Buffer.from('ab'), Buffer.from('c')], 0);
      fs.fdatasyncSync(fd);`;
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256));
    const calls = ['openat', 'pwrite64', 'pwritev', 'fdatasync'];
    const program = [process.execPath, '-e', code, target, bytes.toString('hex')];
    execFileSync('strace', [...straceOptions(output, calls), ...program]);
    const all = parseStrace(readFileSync(output, 'utf8'));
    const at = all.findIndex(
      ({ name, args }) => name === 'openat' && textOf(args[1] ?? '') === target,
    );
    const [open, write, vector, sync] = all.slice(at);
    expect(open?.result).toBeGreaterThan(2);
    expect(write).toMatchObject({ name: 'pwrite64', result: 300 });
    expect(bytesOf(write?.args[1] ?? '')).toEqual(new Uint8Array(bytes));
    expect(descriptorOf(write?.args[0] ?? '')).toBe(open?.result);
    expect(write?.args.slice(2)).toEqual(['300', '7']);
    expect(Buffer.from(vectorOf(vector?.args[1] ?? '')).toString()).toBe('abc');
    expect(sync).toMatchObject({ name: 'fdatasync', result: 0 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
