/**
 * Recovers one crash state and holds it against what the traced program told: nothing acknowledged is
 * lost or altered (I1), what is there is a prefix of what was sent (I2) and nothing else (I3), opening
 * succeeds (I4), recovering again changes nothing, also after a crash inside recovery (I5), and what is
 * appended afterwards survives the next power cut (I6).
 */
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import type { Message } from '../../src/session/message.ts';
import type { Oracle } from '../crash/oracle.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import type { Chance } from './crash-states.ts';

type Found = ReadonlyMap<string, readonly Message[]>;

/** What is wrong with the state; nothing is what we want. */
export async function violations(disk: SimDisk, oracle: Oracle, next: Chance): Promise<string[]> {
  const machine = await afterCrashesInRecovery(disk, next);
  // The power went before there was a store, and nothing was promised.
  if (machine.disk.paths('directory').includes('/store') === false && !oracle.promises) return [];
  let report;
  try {
    report = await machine.recover({ mode: 'run' });
  } catch (error) {
    const { code } = error as { readonly code?: string };
    return code === 'NOT_FOUND' && !oracle.promises ? [] : [`I4: recovery fails: ${String(error)}`];
  }
  if (report.verdict !== 'clean' && report.verdict !== 'healed') {
    return [`I4: the verdict is ${report.verdict}: ${JSON.stringify(report.findings)}`];
  }
  const found = await messagesOf(machine);
  const copy = oracle.copy();
  const faults = [...new Set([...found.keys(), ...copy.sessions()])].flatMap((id) =>
    copy.judge(id, found.get(id) ?? null).map((fault) => `I1 to I3: ${fault}`),
  );
  const before = filesOf(machine.disk);
  const again = await machine.recover({ mode: 'run' });
  if (again.verdict !== 'clean') faults.push(`I5: recovered again it is ${again.verdict}`);
  if (filesOf(machine.disk) !== before) faults.push('I5: recovering again changes something');
  if (faults.length > 0 || next() < 0.5) return faults;
  return goOn(machine, found);
}

/** Now and then the power goes again, once or twice, while it is recovered. */
async function afterCrashesInRecovery(disk: SimDisk, next: Chance): Promise<SimMachine> {
  let machine = new SimMachine(disk);
  for (let crash = 0; crash < 2 && next() < 0.3; crash += 1) {
    machine.disk.crashAfter(Math.floor(next() * 40));
    // It is killed by the crash, or was quicker.
    await machine.recover({ mode: 'run' }).catch(() => undefined);
    machine = machine.crash(Math.floor(next() * 2 ** 31));
  }
  return machine;
}

/** Appends to every session, and cuts the power again. */
async function goOn(machine: SimMachine, found: Found): Promise<string[]> {
  const store = await machine.open({}, 'goes on');
  const expected = new Map<string, readonly Message[]>();
  for (const id of new Set([...found.keys(), 'new'])) {
    const session = await machine.run(store.openSession(id, { create: true }));
    const message = { role: 'user', content: `and on in ${id}` } as const;
    await machine.run(session.append(message));
    expected.set(id, [...(found.get(id) ?? []), message]);
  }
  const after = new SimMachine(machine.disk.crash({ keep: 'none' }));
  const { verdict } = await after.recover({ mode: 'run' });
  if (verdict !== 'healed') return [`I6: after appends and a power cut it is ${verdict}`];
  const there = await messagesOf(after);
  const isSame = [...expected].every(([id, messages]) => {
    return JSON.stringify(there.get(id)) === JSON.stringify(messages);
  });
  return isSame ? [] : ['I6: what was appended after recovery did not survive the next power cut'];
}

async function messagesOf(machine: SimMachine): Promise<Found> {
  const all = new Map<string, readonly Message[]>();
  const store = await machine.open({ mode: 'read' }, 'reads');
  for (const { id } of await machine.run(collect(store.sessions()))) {
    const session = await machine.run(store.openSession(id));
    const messages = await machine.run(collect(session.messages()));
    all.set(
      id,
      messages.map(({ message }) => message),
    );
  }
  await machine.run(store.close());
  return all;
}

/** All files as one text. GATE names its last holder, for people, and decides nothing. */
function filesOf(disk: SimDisk): string {
  const files = disk.paths().filter((path) => !path.endsWith('/GATE'));
  return files
    .map((path) => `${path} ${Buffer.from(disk.readFile(path)).toString('latin1')}`)
    .join('\n');
}
