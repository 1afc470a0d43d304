/** What a simulated machine refuses, so that no misspelt crash or fault tests nothing in silence. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CrashOptions } from '../../src/platform/sim/crash.ts';
import type { Fault } from '../../src/platform/sim/faults.ts';
import type { PlannedFault } from '../../src/simulation/planned-faults.ts';
import { SimMachine } from '../../src/simulation/sim-machine.ts';
import type { SimMachineOptions } from '../../src/simulation/sim-machine.ts';

const refused = (path: string, words = '') =>
  expect.objectContaining({
    code: 'INVALID',
    details: { path },
    message: expect.stringContaining(words) as string,
  }) as Error;

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('SimMachine refusals', () => {
  it('SimMachine.fail and create name the options that they know', async () => {
    const machine = await SimMachine.create();
    const fault = { operation: 'sync', error: 'EIO', after: 3 } as PlannedFault;
    expect(thrownBy(() => machine.fail(fault))).toEqual(refused('after', 'skip'));
    const making = SimMachine.create({ sed: 4 } as SimMachineOptions);
    await expect(making).rejects.toEqual(refused('sed', 'known are seed'));
    const never = SimMachine.create({ failedSync: 'never' as 'clean' });
    await expect(never).rejects.toEqual(refused('failedSync'));
  });

  it('SimMachine.fail knows the operations that the README names', async () => {
    const machine = await SimMachine.create();
    const fault = { operation: 'fsync', error: 'EIO' } as unknown as PlannedFault;
    const { message } = thrownBy(() => machine.fail(fault)) as Error;
    const kinds = /one of (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
    expect(kinds.length).toBeGreaterThan(10);
    const from = readme.indexOf('know these operations');
    const told = readme.slice(from, readme.indexOf('decides', from));
    for (const kind of kinds) expect(told).toContain(`\`${kind}\``);
  });

  it.each([
    ['kep', { kep: 'none' }],
    ['keep', { keep: 'some' }],
    ['names', { names: 1 }],
    ['sharedSectors', { sharedSectors: 'yes' }],
    ['keepPart', { keepPart: 'all' }],
    ['seed', { seed: 0.5 }],
  ])('SimMachine.cutPower refuses %s, and the power stays on', async (path, options) => {
    const machine = await SimMachine.create();
    for (const cut of [
      () => machine.cutPower(options as CrashOptions),
      () => machine.afterPowerCut(options as CrashOptions),
    ]) {
      expect(thrownBy(cut)).toEqual(refused(path));
      expect(machine.isOff).toBe(false);
    }
    await machine.openStore('/agent');
  });

  it('SimMachine.kill refuses a name that no process has had, and names those that have', async () => {
    const machine = await SimMachine.create();
    expect(thrownBy(() => machine.kill())).toEqual(refused('name', 'none'));
    await machine.openStore('/agent', { process: 'three' });
    expect(thrownBy(() => machine.kill('thre'))).toEqual(refused('name', '"three"'));
    machine.kill('three');
    machine.kill('three');
  });

  it.each([
    ['a word', { bytes: 10 }],
    ['two answers', { errno: 'EIO', shortWrite: 1 }],
    ['a number that is none', { shortWrite: -1 }],
    ['no error', { errno: 'eio' }],
    ['a text', 'EIO'],
  ])('SimMachine.onOperation that answers %s is told as INVALID', async (_, answer) => {
    const machine = await SimMachine.create();
    const store = await machine.openStore('/agent');
    const session = await machine.run(() => store.openSession('s', { create: true }));
    machine.onOperation(({ kind }) =>
      kind === 'write' ? (answer as unknown as Fault) : undefined,
    );
    const append = machine.run(() => session.append({ role: 'user', content: 'one' }));
    await expect(append).rejects.toEqual(refused('hook', 'shortWrite'));
    expect(thrownBy(() => machine.onOperation('EIO' as unknown as null))).toEqual(refused('hook'));
  });

  it('SimMachine.onOperation refuses a short answer to what is no write', async () => {
    const machine = await SimMachine.create();
    machine.onOperation(({ kind }) => (kind === 'sync' ? { shortWrite: 1 } : undefined));
    await expect(machine.openStore('/agent')).rejects.toEqual(refused('hook', 'for a sync'));
    machine.onOperation(null);
    await machine.openStore('/other');
  });
});
