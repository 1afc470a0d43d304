/** Golden stores in which the store as a whole, or several writers, are special. */
import { labRoot } from '../recovery-lab.ts';
import type { RecoveryLab } from '../recovery-lab.ts';
import { changeBlocks, changeStoreFile } from '../signed-changes.ts';
import { historyOf } from '../base-lab.ts';
import { begun, closed, killedAfter, killedInBatch, never } from './situation.ts';
import type { Situation } from './situation.ts';

/** Killed between the tombstone, which is durable, and the move out of sight. */
async function tombstone(lab: RecoveryLab): Promise<RecoveryLab> {
  const writer = await begun(lab);
  await writer.closeSession('s');
  lab.disk.failNext('rename', 'EIO');
  const refused = await lab.machine.run(writer.store.deleteSession('s')).catch(String);
  if (typeof refused !== 'string') throw new Error('The session was moved');
  writer.kill();
  return lab.rebooted();
}

/** `s` is settled, and its head still names the writer that died; `o` was closed. */
async function attached(lab: RecoveryLab): Promise<RecoveryLab> {
  const writer = await begun(lab);
  await writer.settle('s');
  await writer.closeSession('o');
  writer.kill();
  return lab.rebooted();
}

/** Two writers died; each left entries of a session of its own, and one of them a torn batch. */
async function twoDead(lab: RecoveryLab): Promise<RecoveryLab> {
  const first = await lab.writer('first', ['s']);
  const second = await lab.writer('second', ['o']);
  await first.append('s');
  await second.append('o');
  await first.append('s');
  await second.append('o');
  first.kill();
  second.kill();
  const dead = lab.rebooted();
  const last = dead.entry(-1);
  dead.zero(last.path, last.offset + 8);
  return dead;
}

/** A torn tail was recovered and set aside; nothing was opened since. */
async function quarantined(empty: RecoveryLab): Promise<RecoveryLab> {
  const { lab, batch } = await killedInBatch(empty);
  const commit = batch.at(-1);
  lab.zero(commit?.path ?? '', (commit?.offset ?? 0) + 90);
  await lab.recover();
  return lab.rebooted();
}

const rotten =
  (name: string, offset: number): Situation =>
  async (empty) => {
    const lab = await killedAfter(empty, 3);
    lab.flip(`${labRoot}/${name}`, offset);
    return lab;
  };

/** Stores, by their name. */
export const storeSituations: Readonly<Record<string, Situation>> = {
  clean: (lab) => closed(lab, 3),
  'rotten-writers-file': rotten('writers', 20),
  'rotten-store-json': rotten('store.json', 60),
  'missing-journal': async (empty) => {
    const lab = await killedAfter(empty, 3);
    lab.disk.removePath(lab.segment(1).slice(0, -'/0000000001.segment'.length));
    return lab;
  },
  'newer-major': async (empty) => {
    const lab = await killedAfter(empty, 3);
    changeStoreFile(lab, { major: never.version });
    return lab;
  },
  'newer-feature': async (empty) => {
    const lab = await killedAfter(empty, 3);
    changeStoreFile(lab, { incompatible: ['never-to-be'] });
    return lab;
  },
  'newer-minor': async (empty) => {
    const lab = await killedAfter(empty, 3);
    const newer = (view: DataView): void => view.setUint16(10, never.version, true);
    changeStoreFile(lab, { minor: never.version, remark: 'of a later version' });
    for (const path of [lab.segment(1), historyOf('s'), historyOf('o')]) {
      changeBlocks(lab, path, [0, 1], newer);
    }
    return lab;
  },
  'deleted-session': tombstone,
  'attached-to-a-dead-writer': attached,
  'two-dead-writers': twoDead,
  'quarantine-present': quarantined,
  'stray-files': async (empty) => {
    const lab = await killedAfter(empty, 3);
    lab.disk.writeFile(`${labRoot}/sessions/not a session`, new Uint8Array([1]));
    lab.disk.writeFile(`${labRoot}/journals/notes.txt`, new Uint8Array([1]));
    return lab;
  },
};
