/** The contract of FileSystem, over the machine in both modes and over the simulated disk. */
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { poolFiles } from '../../src/platform/file-pool.ts';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { fileSystemContract } from './file-system.contract.ts';
import type { Subject } from './file-system.contract.ts';

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

function onMachine(mode: 'pool' | 'inline'): Subject {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'holdfast-'));
  made.push(root);
  return { fs: nodeFileSystem(mode), root, link: (path, target) => symlinkSync(target, path) };
}

function simulated(): Subject {
  const disk = SimDisk.create(1);
  disk.makeDirectory('/store');
  return {
    fs: disk.fileSystem(),
    root: '/store',
    link: (path, target) => disk.makeLink(path, target),
  };
}

fileSystemContract('nodeFileSystem pool', () => onMachine('pool'));
fileSystemContract('nodeFileSystem inline', () => onMachine('inline'));
fileSystemContract('SimFileSystem', simulated);
// But for one point: a file that rests does not live on when its name is gone.
fileSystemContract('poolFiles', () => {
  const subject = onMachine('pool');
  return { ...subject, fs: poolFiles(subject.fs, 64) };
});
