/** Which disks a power cut may leave, for traces of a few steps whose outcomes can be counted by hand. */
import { describe, expect, it } from 'vitest';
import { chance } from '../crash/workload.mjs';
import { crashState } from './crash-states.ts';
import type { Step } from './steps.ts';
import { TracedDisk } from './traced-disk.ts';

let calls = 0;

/** A call that is done before the next one begins. */
function done(step: object): readonly Step[] {
  calls += 1;
  return [{ ...step, call: calls } as Step, { kind: 'ended', call: calls }];
}

function sync(fd: number): readonly Step[] {
  calls += 1;
  return [
    { kind: 'syncing', call: calls, fd },
    { kind: 'synced', call: calls, fd },
  ];
}

const create = (path: string): readonly Step[] => done({ kind: 'create', path });
const open = (fd: number, path: string): Step => ({ kind: 'open', fd, path });
const write = (fd: number, text: string, at = 0): readonly Step[] =>
  done({ kind: 'write', fd, at, bytes: Buffer.from(text) });
const rename = (from: string, to: string): readonly Step[] => done({ kind: 'rename', from, to });
const remove = (path: string): readonly Step[] => done({ kind: 'remove', path });

/** All disks that are drawn in a thousand attempts, as `name=content`. */
function outcomes(steps: readonly Step[]): ReadonlySet<string> {
  const disk = new TracedDisk();
  for (const step of steps) disk.take(step);
  const next = chance(1);
  const all = new Set<string>();
  for (let turn = 0; turn < 1000; turn += 1) {
    const state = crashState(disk, next);
    const files = state.paths().map((path) => {
      return `${path.slice(1)}=${Buffer.from(state.readFile(path)).toString('latin1')}`;
    });
    all.add(files.join(' '));
  }
  return all;
}

/** A durable file `a` with this content, open as 3, in the root, open as 1. */
const durable = (text: string): readonly Step[] => [
  open(1, ''),
  ...create('a'),
  open(3, 'a'),
  ...write(3, text),
  ...sync(3),
  ...sync(1),
];

describe('crashState', () => {
  it('keeps what was synced, and each write since or not, in any order', () => {
    expect(outcomes(durable('old'))).toEqual(new Set(['a=old']));
    const found = outcomes([...durable('old'), ...write(3, 'new'), ...write(3, 'NEW')]);
    for (const text of ['old', 'new', 'NEW']) expect(found).toContain(`a=${text}`);
    const twice = outcomes([...durable('old'), ...write(3, 'x', 0), ...write(3, 'y', 2)]);
    for (const text of ['old', 'xld', 'oly', 'xly']) expect(twice).toContain(`a=${text}`);
  });

  it('gives a growing file any size up to that of the write, with its bytes or without', () => {
    const found = outcomes([...durable('old'), ...write(3, 'more', 3)]);
    expect(found).toContain('a=old');
    expect(found).toContain('a=oldmore');
    expect(found).toContain('a=old\0\0\0\0');
    for (const one of found) expect(one).toMatch(/^a=old/);
  });

  it('keeps any sectors of one write', () => {
    const steps = [...durable('-'.repeat(2048)), ...write(3, 'x'.repeat(2048))];
    const kept = new Set(
      [...outcomes(steps)].map((one) => one.slice(2).replace(/(.)\1{511}/g, '$1')),
    );
    for (const sectors of ['----', 'xxxx', 'x---', '-x--', '---x', 'xx-x']) {
      expect(kept).toContain(sectors);
    }
  });

  it('takes a write for durable only when it was done before the sync began', () => {
    const [begin, end] = write(3, 'new');
    const [syncing, synced] = sync(3);
    if (begin === undefined || end === undefined) throw new Error('A write has two steps');
    if (syncing === undefined || synced === undefined) throw new Error('A sync has two steps');
    const late = outcomes([...durable('old'), begin, syncing, end, synced]);
    expect(late).toContain('a=old');
    expect(outcomes([...durable('old'), begin, end, syncing, synced])).toEqual(new Set(['a=new']));
    // A sync without its return promises nothing.
    expect(outcomes([...durable('old'), begin, end, syncing])).toContain('a=old');
  });

  it('keeps a name only when its directory was synced, and a file that lost it is gone', () => {
    const steps = [open(1, ''), ...create('a'), open(3, 'a'), ...write(3, 'x'), ...sync(3)];
    expect(outcomes(steps)).toEqual(new Set(['', 'a=x']));
    expect(outcomes([...steps, ...sync(1)])).toEqual(new Set(['a=x']));
  });

  it('renames as a whole, before the bytes of the file or after them', () => {
    const other = [...create('b'), open(4, 'b'), ...write(4, 'new')];
    const renamed = [...durable('old'), ...other, ...rename('b', 'a')];
    const found = outcomes(renamed);
    for (const one of ['a=old', 'a=new', 'a=', 'a=old b=new']) expect(found).toContain(one);
    expect(found).not.toContain('');
    expect(outcomes([...renamed, ...sync(4), ...sync(1)])).toEqual(new Set(['a=new']));
  });

  it('removes, or does not, until the directory is synced', () => {
    const steps = [...durable('old'), ...remove('a')];
    expect(outcomes(steps)).toEqual(new Set(['a=old', '']));
    expect(outcomes([...steps, ...sync(1)])).toEqual(new Set(['']));
  });

  it('keeps a move between directories when either of them was synced', () => {
    const folders = [...done({ kind: 'directory', path: 'd' }), open(5, 'd'), ...sync(1)];
    const moved = [...durable('x'), ...folders, ...rename('a', 'd/b')];
    expect(outcomes(moved)).toEqual(new Set(['a=x', 'd/b=x']));
    expect(outcomes([...moved, ...sync(1)])).toEqual(new Set(['d/b=x']));
    expect(outcomes([...moved, ...sync(5)])).toEqual(new Set(['d/b=x']));
  });
});

describe('TracedDisk', () => {
  it('puts the last write of a process that was killed in it before all that the next one does', () => {
    const [begin] = write(3, 'killed');
    if (begin === undefined) throw new Error('A write has two steps');
    const killed = [...durable('before'), begin, { kind: 'process', number: 1 } as const];
    expect(outcomes(killed)).toContain('a=before');
    expect(outcomes(killed)).toContain('a=killed');
    // Or it could come back over what is durable.
    const next = [...killed, open(3, 'a'), ...write(3, 'next 1'), ...sync(3)];
    expect(outcomes(next)).toEqual(new Set(['a=next 1']));
    expect(() => outcomes([...killed, begin])).toThrow('Descriptor 3 is no file');
  });
});
