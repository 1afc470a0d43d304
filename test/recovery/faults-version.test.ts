/**
 * F51: stores of another version. A newer format is refused and not touched, whatever else is there
 * goes on; what a newer minor version added is passed over; and what older versions wrote is read.
 *
 * `fixtures/stores` holds a store of every version, written by this test when it is run with
 * `HOLDFAST_WRITE_FIXTURES=1`; one that was released is never written again.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { endOfContent } from '../../src/format/bytes.ts';
import { formatVersion } from '../../src/format/segment-header.ts';
import type { Message } from '../../src/session/message.ts';
import { historyOf } from '../helpers/base-lab.ts';
import { changeBlocks, changeStoreFile, signLastBatch } from '../helpers/signed-changes.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { plantStore, storeText } from '../helpers/store-fixture.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

const major = (view: DataView): void => view.setUint16(8, formatVersion.major + 1, true);
const minor = (view: DataView): void => view.setUint16(10, formatVersion.minor + 7, true);

/** A dead writer with entries of `s` in its journal; `closed` is complete in its history. */
async function left(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'closed']);
  await writer.append('closed');
  await writer.closeSession('closed');
  await writer.append('s');
  await writer.append('s');
  writer.kill();
  return lab.rebooted();
}

/** The newest entries of `s` are in a journal that this version cannot recover. */
async function expectWaiting(lab: RecoveryLab): Promise<void> {
  expect((await lab.read(['s'])).get('s')?.error?.code).toBe('NEEDS_RECOVERY');
  const store = await lab.machine.open({ mode: 'read' }, 'looks');
  const looking = lab.machine.run(store.openSession('s'));
  await expect(looking).rejects.toMatchObject({ code: 'NEWER_FORMAT' });
  await lab.machine.run(store.close());
}

/** Files as they are, but for those of this part of the store. */
function without(lab: RecoveryLab, part: string): ReadonlyMap<string, string> {
  return new Map([...lab.content()].filter(([path]) => !path.includes(part)));
}

describe('a newer format', () => {
  it.each([
    ['of another major version', { major: formatVersion.major + 1 }],
    ['with a feature that a reader must know', { incompatible: ['unheard-of'] }],
  ])('F51 store.json %s: everybody is refused, and nothing is touched', async (_what, members) => {
    const lab = await left();
    changeStoreFile(lab, members);
    const before = lab.content();
    const newer = { code: 'NEWER_FORMAT' };
    await expect(lab.machine.open()).rejects.toMatchObject(newer);
    await expect(lab.machine.open({ mode: 'read' })).rejects.toMatchObject(newer);
    await expect(lab.scan()).rejects.toMatchObject(newer);
    await expect(lab.recover()).rejects.toMatchObject(newer);
    await expect(lab.acceptLoss('s')).rejects.toMatchObject(newer);
    expect(lab.content()).toEqual(before);
  });

  it.each([
    ['a newer major version', [0, 1], major],
    ['a flag that a reader must know', [0, 1], (view: DataView) => view.setUint32(80, 4, true)],
  ] as const)(
    'F51 a segment of %s: its sessions wait, others go on',
    async (_what, blocks, change) => {
      const lab = await left();
      changeBlocks(lab, lab.segment(1), blocks, change);
      const before = lab.content();
      expect((await lab.scan()).verdict).toBe('unsupported');
      expect((await lab.recover()).verdict).toBe('unsupported');
      expect(lab.content()).toEqual(before);
      const readings = await lab.read();
      await expectWaiting(lab);
      expect(readings.get('closed')?.messages).toEqual(lab.sent.get('closed'));
      const journal = lab.segment(1).slice(0, -19);
      const ofIt = (all: ReadonlyMap<string, string>): unknown =>
        [...all].filter(([path]) => path.startsWith(journal) || path.includes('/sessions/s/'));
      expect(ofIt(lab.content())).toEqual(ofIt(before));
    },
  );

  it.each([[[0, 1]], [[0]], [[1]]])(
    'F51 a head of a newer version in blocks %j: that session waits, with its journal',
    async (blocks) => {
      const lab = await left();
      changeBlocks(lab, historyOf('s'), blocks, major);
      const before = lab.disk.readFile(historyOf('s'));
      const segments = lab.segments().map((path) => [path, lab.disk.readFile(path)]);
      expect((await lab.recover()).verdict).toBe('unsupported');
      const readings = await lab.read();
      expect(readings.get('s')?.error?.code).toBe('NEWER_FORMAT');
      expect(readings.get('closed')?.messages).toEqual(lab.sent.get('closed'));
      expect(Buffer.compare(lab.disk.readFile(historyOf('s')), before)).toBe(0);
      // The entries that only the journal holds are kept for the version that can settle them.
      for (const [path, bytes] of segments) {
        expect(lab.disk.readFile(String(path))).toEqual(bytes);
      }
    },
  );

  it('F51 a newer minor version is read, appended to and recovered', async () => {
    const lab = await left();
    changeStoreFile(lab, { minor: formatVersion.minor + 7, remark: 'of a later version' });
    for (const path of [lab.segment(1), historyOf('s'), historyOf('closed')]) {
      changeBlocks(lab, path, [0, 1], minor);
    }
    expect((await lab.recover()).verdict).toBe('healed');
    expect(await lab.messages('s')).toEqual(lab.sent.get('s'));
    const writer = await lab.writer('next', ['s', 'closed']);
    await writer.append('s');
    await writer.append('closed');
    await writer.close();
    expect(await lab.messages('closed')).toEqual(lab.sent.get('closed'));
    expect(without(lab, '/sessions/').size).toBe(2);
  });
});

describe('types of a newer version in a journal', () => {
  it.each([
    [0xa7, 'passed over'],
    [99, 'refused'],
  ])('F51 type %d is %s', async (type, what) => {
    const lab = await left();
    signLastBatch(lab, (frame) => ({ ...frame, type }));
    expect(endOfContent(lab.disk.readFile(lab.segment(1)), fileHeaderBytes)).toBeGreaterThan(0);
    const reading = (await lab.read(['s'])).get('s');
    if (what === 'passed over') {
      expect(reading?.messages).toEqual(lab.sent.get('s')?.slice(0, 1));
      // Its place is taken, and its bytes are kept for those who know it.
      const writer = await lab.writer('next', ['s']);
      const { seq } = await lab.machine.run(writer.session('s').append(say('behind it')));
      expect(seq).toBe(3);
      await writer.close();
      expect((await lab.machine.recover({ mode: 'verify' })).verdict).toBe('clean');
    } else {
      await expectWaiting(lab);
    }
    expect((await lab.read(['closed'])).get('closed')?.messages).toEqual(lab.sent.get('closed'));
  });
});

const fixtures = new URL('../../fixtures/stores/', import.meta.url);
/** Beside them stand folders of golden stores, which have a test of their own. */
const versions = readdirSync(fixtures).filter((name) => name.endsWith('.json'));

/** Half a surrogate pair, a key that objects have already, and bytes: payloads with fix-ups. */
const unusual = {
  role: 'assistant',
  content: [
    { type: 'text', text: 'half \ud83d of a pair' },
    { type: 'data', value: JSON.parse('{"__proto__":1}') as object },
    { type: 'blob', bytes: new Uint8Array([0, 1, 254, 255]) },
  ],
} as unknown as Message;

const golden: readonly Message[] = [
  say('first'),
  unusual,
  ...Array.from({ length: 40 }, (_, at) => say(`message ${at}`)),
];

/** `home` is complete, with bases and restore points; `dead` is in the journal of a killed writer. */
async function makeGolden(): Promise<SimMachine> {
  const lab = await RecoveryLab.start();
  const first = await lab.writer('first', ['home']);
  const session = first.session('home');
  await first.appendAll('home', golden);
  await lab.machine.run(session.record({ kind: 'metadata', metadata: { title: 'Golden' } }));
  const { id } = await lab.machine.run(session.snapshots.take({ action: 'edit', label: 'good' }));
  await lab.machine.run(session.intend({ id: 'call-1', name: 'write', input: {} }));
  await lab.machine.run(session.complete('call-1', { status: 'ok' }));
  await lab.machine.run(session.record({ kind: 'custom', name: 'mark', data: { at: 1 } }));
  await lab.machine.run(session.append(say('cut out later')));
  await lab.machine.run(session.rewind({ to: { snapshot: id } }));
  await first.close();
  const second = await lab.writer('second', ['dead']);
  await second.append('dead', say('settled'));
  await second.settle('dead');
  await second.append('dead', say('in the journal'));
  second.kill();
  return lab.machine;
}

describe('stores of every version', () => {
  if (process.env['HOLDFAST_WRITE_FIXTURES'] === '1') {
    it('F51 writes the fixture of this version', async () => {
      const { major: own, minor: step } = formatVersion;
      const text = storeText((await makeGolden()).disk);
      writeFileSync(new URL(`${own}.${step}.json`, fixtures), text);
    });
  }

  it.each(versions)('F51 %s opens, with everything, and goes on', async (name) => {
    const { disk } = await SimMachine.start();
    plantStore(disk, readFileSync(new URL(name, fixtures), 'utf8'));
    const machine = new SimMachine(disk);
    const report = await machine.recover({ mode: 'scan' });
    expect(report.verdict).toBe('healable');
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    const store = await machine.open();
    const home = await machine.run(store.openSession('home'));
    const found = await machine.run(collect(home.messages()));
    expect(found.map(({ message }) => message)).toEqual(golden);
    expect(home.state).toMatchObject({ metadata: { title: 'Golden' }, messages: golden.length });
    const [snapshot] = home.snapshots.list();
    expect(snapshot).toMatchObject({ action: 'edit', label: 'good', messageIndex: golden.length });
    const loaded = await machine.run(home.snapshots.load(snapshot?.id ?? 0));
    await machine.run(loaded.verify());
    const kinds = (await machine.run(collect(home.entries()))).map(({ event }) => event.kind);
    expect(new Set(kinds)).toEqual(
      new Set(['message', 'snapshot', 'intent', 'outcome', 'metadata', 'custom', 'rewind']),
    );
    const dead = await machine.run(store.openSession('dead'));
    await machine.run(dead.append(say('and on')));
    const texts = (await machine.run(collect(dead.messages()))).map(
      ({ message }) => message.content,
    );
    expect(texts).toEqual(['settled', 'in the journal', 'and on']);
    await machine.run(store.close());
    const after = await machine.recover({ mode: 'verify' });
    expect(after.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
