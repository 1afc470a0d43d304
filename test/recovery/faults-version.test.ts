/**
 * F51: stores of another version. A newer format is refused and not touched, whatever else is there
 * goes on; what a newer minor version added is passed over; and what older versions wrote is read.
 *
 * `fixtures/stores` holds a store of every version, written by this test when it is run with
 * `HOLDFAST_WRITE_FIXTURES=1`; one that was released is never written again.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileHeaderBytes, headerBlockBytes } from '../../src/base/quantities.ts';
import { endOfContent, viewOf } from '../../src/format/bytes.ts';
import { xxh64 } from '../../src/format/checksum.ts';
import { decodeCommit } from '../../src/format/control.ts';
import { decodeFrame, isFault } from '../../src/format/frame.ts';
import { decodeSegmentHeader, formatVersion } from '../../src/format/segment-header.ts';
import { encodeBatch } from '../../src/journal/batch.ts';
import type { Message } from '../../src/session/message.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

/** Changes one block of a header, or both, and signs it again. */
function changeBlocks(
  lab: RecoveryLab,
  path: string,
  blocks: readonly number[],
  change: (view: DataView) => void,
): void {
  lab.change(path, (bytes) => {
    for (const block of blocks) {
      const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
      const view = viewOf(part);
      change(view);
      const end = headerBlockBytes - 8;
      view.setBigUint64(end, xxh64(part.subarray(0, end), BigInt(block)), true);
    }
    return bytes;
  });
}

const major = (view: DataView): void => view.setUint16(8, formatVersion.major + 1, true);
const minor = (view: DataView): void => view.setUint16(10, formatVersion.minor + 7, true);

/** Changes members of `store.json` and signs it again. */
function changeStoreFile(lab: RecoveryLab, members: Readonly<Record<string, unknown>>): void {
  lab.change(`${labRoot}/store.json`, (bytes) => {
    const { checksum: _old, ...told } = JSON.parse(new TextDecoder().decode(bytes)) as object & {
      checksum: string;
    };
    const changed = { ...told, ...members };
    const text = new TextEncoder().encode(JSON.stringify(changed));
    const checksum = xxh64(text).toString(16).padStart(16, '0');
    return new TextEncoder().encode(JSON.stringify({ ...changed, checksum }));
  });
}

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

/** Gives the last entry of a dead journal another type, in a batch that holds as a whole. */
function retype(lab: RecoveryLab, type: number): void {
  const path = lab.segment(1);
  const [entry, commit] = [lab.entry(-1), lab.commits(path).at(-1)];
  lab.change(path, (bytes) => {
    const header = decodeSegmentHeader(bytes);
    if ('kind' in header) throw new Error('The header is bad');
    const file = { salt: header.salt, base: 0 };
    const frame = decodeFrame(bytes, entry.offset, file);
    const end = decodeFrame(bytes, commit?.offset ?? 0, file);
    const told = isFault(end) ? null : decodeCommit(end.payload);
    if (isFault(frame) || isFault(end) || told === null) throw new Error('The batch is bad');
    const encoded = encodeBatch([{ ...frame, type }], {
      ...told,
      salt: header.salt,
      offset: entry.offset,
      previousChecksum: told.previousChecksum,
      timeMs: end.timeMs,
    });
    bytes.set(encoded.bytes, entry.offset);
    return bytes;
  });
}

describe('types of a newer version in a journal', () => {
  it.each([
    [0xa7, 'passed over'],
    [99, 'refused'],
  ])('F51 type %d is %s', async (type, what) => {
    const lab = await left();
    retype(lab, type);
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

/** Files of a store: size, and the bytes in front of the zeros at the end. */
type Fixture = Readonly<Record<string, { readonly bytes: number; readonly base64: string }>>;

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

function fixtureOf(disk: SimDisk): Fixture {
  const files = disk.paths().filter((path) => !/\/(LOCK|GATE)$/.test(path));
  return Object.fromEntries(
    files.map((path) => {
      const bytes = disk.readFile(path);
      const content = bytes.subarray(0, endOfContent(bytes, 0));
      const base64 = Buffer.from(content).toString('base64');
      return [path, { bytes: bytes.length, base64 }];
    }),
  );
}

describe('stores of every version', () => {
  if (process.env['HOLDFAST_WRITE_FIXTURES'] === '1') {
    it('F51 writes the fixture of this version', async () => {
      const { major: own, minor: step } = formatVersion;
      const text = JSON.stringify(fixtureOf((await makeGolden()).disk), null, 2);
      writeFileSync(new URL(`${own}.${step}.json`, fixtures), `${text}\n`);
    });
  }

  it.each(readdirSync(fixtures))('F51 %s opens, with everything, and goes on', async (name) => {
    const fixture = JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as Fixture;
    const { disk } = await SimMachine.start();
    for (const [path, { bytes, base64 }] of Object.entries(fixture)) {
      const content = new Uint8Array(bytes);
      content.set(Buffer.from(base64, 'base64'));
      disk.writeFile(path, content);
    }
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
