/** Looks at many small files: what they tell, what they refuse, and who makes their calls. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Peek } from '../../src/platform/file-system.ts';
import { nodeFileSystem, openFlags } from '../../src/platform/node-file-system.ts';
import { Peeks } from '../../src/platform/peek.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { lookCalls, poolCalls } from '../../src/platform/system-calls.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-peek-'));
  mkdirSync(join(root, 'real'));
  writeFileSync(join(root, 'real', 'file'), 'begins so, and goes on');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** What was seen, to be kept. */
function copied({ bytes, size }: Peek): Peek {
  return { bytes: bytes.slice(), size };
}

describe('FileSystem.peek', () => {
  it.each(['pool', 'inline'] as const)('tells the start and the size (%s)', async (mode) => {
    const fileSystem = nodeFileSystem(mode);
    const peek = await fileSystem.peek(join(root, 'real', 'file'), 6, copied);
    expect(new TextDecoder().decode(peek.bytes)).toBe('begins');
    expect(peek.size).toBe(22);
    const whole = await fileSystem.peek(join(root, 'real', 'file'), 100, copied);
    expect(whole.bytes).toHaveLength(22);
  });

  it.each(['pool', 'inline'] as const)('refuses what is no plain file (%s)', async (mode) => {
    const fileSystem = nodeFileSystem(mode);
    symlinkSync(join(root, 'real'), join(root, 'linked'));
    symlinkSync(join(root, 'real', 'file'), join(root, 'real', 'link'));
    execFileSync('mkfifo', [join(root, 'real', 'pipe')]);
    mkdirSync(join(root, 'real', 'directory'));
    const codes: unknown[] = [];
    for (const path of ['linked/file', 'real/link', 'real/pipe', 'real/directory', 'real/none']) {
      const peeking = fileSystem.peek(join(root, path), 6, copied);
      codes.push(await peeking.catch((error: unknown) => Reflect.get(Object(error), 'code')));
    }
    expect(codes).toEqual(['ENOTDIR', 'ELOOP', 'ESPIPE', 'EISDIR', 'ENOENT']);
  });

  it('lends the same memory to looks one after the other, and mixes none of them up', async () => {
    const fileSystem = nodeFileSystem('pool');
    const names = Array.from({ length: 40 }, (_, at) => `file-${at}`);
    for (const name of names) writeFileSync(join(root, 'real', name), name.padEnd(8192, '.'));
    const memory = new Set<unknown>();
    const looks = names.map((name) =>
      fileSystem.peek(join(root, 'real', name), 8192, ({ bytes }) => {
        memory.add(bytes.buffer);
        return new TextDecoder().decode(bytes.subarray(0, name.length));
      }),
    );
    expect(await Promise.all(looks)).toEqual(names);
    // Memory of its own for each would cost more than its reading; those of a slow disk have it.
    memory.clear();
    const file = join(root, 'real', 'file-0');
    const see = ({ bytes }: Peek): void => void memory.add(bytes.buffer);
    const peeks = new Peeks(openFlags.read, { inline: lookCalls, pool: poolCalls, nowMs: () => 0 });
    for (let look = 0; look < 10; look += 1) await peeks.peek(file, 8192, see);
    expect(memory.size).toBe(1);
  });

  it('does the same on the simulated disk', async () => {
    const fileSystem = SimDisk.create(1).fileSystem('main');
    await fileSystem.createDirectory('/real');
    const file = await fileSystem.create('/real/file');
    await file.write(new TextEncoder().encode('begins so'), 0);
    await file.close();
    const peek = await fileSystem.peek('/real/file', 6, copied);
    expect(new TextDecoder().decode(peek.bytes)).toBe('begins');
    expect(peek.size).toBe(9);
    await expect(fileSystem.peek('/real/none', 6, copied)).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(fileSystem.peek('/none/file', 6, copied)).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(fileSystem.peek('/real/file/x', 6, copied)).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });
});

/** Looks with a clock of their own, whose inline calls take a time that a test says. */
function timed() {
  const seen = { nowMs: 100, readMs: 0, made: '' };
  const inline = {
    ...lookCalls,
    read: (...given: Parameters<typeof lookCalls.read>) => {
      seen.made += 'i';
      seen.nowMs += seen.readMs / 2;
      return lookCalls.read(...given);
    },
  };
  const pool = {
    ...poolCalls,
    read: (...given: Parameters<typeof poolCalls.read>) => {
      seen.made += 'p';
      return poolCalls.read(...given);
    },
  };
  const peeks = new Peeks(openFlags.read, { inline, pool, nowMs: () => seen.nowMs });
  return { seen, look: () => peeks.peek(join(root, 'real', 'file'), 100, copied) };
}

describe('Peeks', () => {
  it('leaves looks to the pool behind one that had to wait for the disk', async () => {
    const { seen, look } = timed();
    for (let count = 0; count < 3; count += 1) await look();
    seen.readMs = 8;
    for (let count = 0; count < 9; count += 1) await look();
    seen.readMs = 0;
    for (let count = 0; count < 8; count += 1) await look();
    // A look reads twice, because the end of the file may not be there yet.
    expect(seen.made.replaceAll('ii', 'I').replaceAll('pp', 'P')).toBe('IIIIPPIPPPPIPPPPPPPP');
    seen.made = '';
    for (let count = 0; count < 3; count += 1) await look();
    expect(seen.made).toBe('iiiiii');
  });

  it('gives the event loop a turn every few milliseconds, and goes on without one between', async () => {
    const { seen, look } = timed();
    seen.readMs = 0.5;
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    for (let looks = 0; looks < 90; looks += 1) await look();
    isOver = true;
    // Ninety looks of half a millisecond are ten slices of four, each a little over.
    expect(seen.made).toBe('ii'.repeat(90));
    expect(turns).toBeGreaterThanOrEqual(9);
    expect(turns).toBeLessThanOrEqual(12);
  });
});
