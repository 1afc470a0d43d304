/** The report of one writer and one session, member by member, and the error that keeps it shut. */
import { describe, expect, it } from 'vitest';
import type { SeqRange } from '../../src/base/errors.ts';
import { frameType } from '../../src/format/control.ts';
import { frameTypeName } from '../../src/recovery/dump-payload.ts';
import { isGone, takeLock } from '../../src/recovery/gate.ts';
import { damagedError, unknownOutcomes } from '../../src/recovery/report-builder.ts';
import { fromSystem, HoldfastError } from '../../src/base/errors.ts';
import { newFold, foldEntry, foldRecovered } from '../../src/session/fold.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import { headOf, historyOf, framesOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

const range = (from: number, to: number | null = from): SeqRange => ({ from, to });

describe('damagedError', () => {
  const place = { file: 'sessions/s/history', offset: 9, reason: 'its journal lost entries' };
  const start = 'Cannot open session "s": its journal lost entries; ';

  it.each([
    [
      [],
      'no entry is known to be lost; get everything out with `recover salvage`, ' +
        'or let it open again with `recover accept-loss`',
    ],
    [
      [range(3)],
      'entry 3 was acknowledged and is gone; get everything else out with `recover salvage`, ' +
        'or go on without it with `recover accept-loss`',
    ],
    [
      [range(3, 4)],
      'entries 3 to 4 were acknowledged and are gone; get everything else out with ' +
        '`recover salvage`, or go on without them with `recover accept-loss`',
    ],
    [
      [range(3), range(5)],
      'entries 3, 5 were acknowledged and are gone; get everything else out with ' +
        '`recover salvage`, or go on without them with `recover accept-loss`',
    ],
    [
      [range(3, null)],
      'entry 3 and all behind it are gone, and nobody can tell how many there were; ' +
        'get everything else out with `recover salvage`, ' +
        'or go on without them with `recover accept-loss`',
    ],
  ])('damagedError of %j says what to do', (lost, words) => {
    expect(damagedError('s', lost, place)).toMatchObject({
      code: 'DAMAGED',
      message: start + words,
      details: { sessions: [{ id: 's', lost }], file: place.file, offset: 9 },
    });
  });
});

describe('unknownOutcomes', () => {
  it('unknownOutcomes are calls whose intent is there and whose outcome a crash left out', () => {
    const fold = newFold();
    const call = (id: string) => ({ type: 'tool_use', id, name: `tool ${id}`, input: {} }) as const;
    const content = [call('a'), call('b')];
    const message = { role: 'assistant', content } as const;
    foldEntry(fold, { seq: 1, timeMs: 0, event: { kind: 'message', message } });
    const intent = { kind: 'intent', call: { id: 'b', name: 'tool b', input: {} } } as const;
    foldEntry(fold, { seq: 2, timeMs: 0, event: intent });
    expect(unknownOutcomes(fold)).toEqual([]);
    foldRecovered(fold);
    expect(unknownOutcomes(fold)).toEqual([{ callId: 'b', name: 'tool b', seq: 2 }]);
  });
});

describe('what a report says of a writer and of a session', () => {
  async function made(end: 'killed' | 'torn' | 'damaged' | 'closed'): Promise<RecoveryLab> {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s'], { lockWaitMs: 50 });
    for (let count = 0; count < 3; count += 1) await writer.append('s');
    if (end === 'closed') {
      // Whoever holds the gate leaves the closed journal where it is.
      const gate = lab.disk.locks('other').tryLock(`${labRoot}/GATE`);
      await writer.close();
      gate?.release();
      return lab;
    }
    writer.kill();
    const after = lab.rebooted();
    const { path, offset } = after.entry(end === 'torn' ? -1 : 1);
    if (end !== 'killed') after.flip(path, offset + 70);
    return after;
  }

  it('is what its journal holds, and what of it was cut', async () => {
    const lab = await made('killed');
    const id = lab.segments()[0]?.split('/').at(-2);
    const { writers } = await lab.scan();
    expect(writers).toEqual([
      {
        writer: id,
        state: 'dead',
        verdict: 'unclean',
        owner: writers[0]?.owner,
        segments: 1,
        durableMark: 3,
        lastSeq: 4,
        cut: { bytes: 0, entries: 0 },
      },
    ]);
    const torn = await made('torn');
    const commit = torn.commits(torn.segment(1)).at(-1);
    const bytes = torn.segmentEnd(1) - (commit?.end ?? 0);
    const { writers: cut } = await torn.scan();
    expect(cut).toMatchObject([{ verdict: 'torn', lastSeq: 3, cut: { bytes, entries: 1 } }]);
    const { writers: damaged } = await (await made('damaged')).scan();
    expect(damaged).toMatchObject([
      { state: 'dead', verdict: 'damaged', lastSeq: 2, cut: { bytes: 0, entries: 0 } },
    ]);
    const { writers: closed, verdict } = await (await made('closed')).scan();
    expect(closed).toMatchObject([{ state: 'closed', verdict: 'closed', lastSeq: 5 }]);
    expect(verdict).toBe('healable');
  });

  it('is the state of the session as it will be, and as it is then', async () => {
    const lab = await made('killed');
    const session = {
      id: 's',
      verdict: 'healable',
      messages: 3,
      entries: 3,
      lastSeq: 3,
      kept: [range(1, 3)],
      inDoubt: null,
      lost: [],
      unknownOutcomes: [],
    };
    const scanned = await lab.scan();
    expect(scanned).toMatchObject({
      schema: 'holdfast.recovery/1',
      root: labRoot,
      verdict: 'healable',
      changed: false,
      historiesRead: false,
    });
    expect(scanned.sessions).toEqual([session]);
    const healed = await lab.recover();
    expect(healed).toMatchObject({ verdict: 'healed', changed: true });
    expect(healed.sessions).toEqual([{ ...session, verdict: 'healed' }]);
    expect(healed.bytesNeeded).toBe(scanned.bytesNeeded);
    const after = { ...session, verdict: 'clean', kept: [] };
    expect(await lab.scan()).toMatchObject({ verdict: 'clean', sessions: [after] });
    const damaged = await made('damaged');
    expect(await damaged.recover()).toMatchObject({
      verdict: 'damaged',
      changed: true,
      sessions: [{ verdict: 'damaged', lost: [range(2)], kept: [range(1), range(3)] }],
    });
  });

  it('is damaged where its history is, although nothing is to be healed', async () => {
    const lab = await made('closed');
    await lab.recover();
    const frame = framesOf(lab.disk).filter(({ streamSeq }) => streamSeq === 3)[0];
    lab.flip(historyOf('s'), (frame?.offset ?? 0) + 70);
    // A scan does not read it, and believes its head.
    expect(await lab.scan()).toMatchObject({
      verdict: 'clean',
      sessions: [{ messages: headOf(lab.disk).messages, entries: 3, lost: [] }],
    });
    expect(await lab.machine.recover({ mode: 'verify' })).toMatchObject({
      verdict: 'damaged',
      historiesRead: true,
      sessions: [{ verdict: 'damaged', messages: 2, entries: 2, lastSeq: 3, lost: [range(3)] }],
    });
  });

  it('leaves out what is deleted while it is read, and fails as the machine fails', async () => {
    const lab = await made('closed');
    await lab.recover();
    const path = historyOf('s');
    const failing = (errno: string): void => {
      let opened = 0;
      lab.disk.beforeOperation = ({ kind, path: at }) => {
        if (kind !== 'open' || at !== path) return undefined;
        opened += 1;
        // The head was read before.
        return opened === 2 ? { errno } : undefined;
      };
    };
    failing('ENOENT');
    expect(await lab.machine.recover({ mode: 'verify' })).toMatchObject({
      verdict: 'clean',
      sessions: [{ id: 's', entries: 3, unknownOutcomes: [] }],
    });
    failing('EIO');
    await expect(lab.machine.recover({ mode: 'verify' })).rejects.toMatchObject({ code: 'IO' });
    lab.disk.beforeOperation = null;
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(lab.scan({ signal: stop })).rejects.toThrow('enough');
  });
});

describe('waiting for a lock', () => {
  it('takeLock waits as long as it is told, and ends early when it is', async () => {
    const lab = await RecoveryLab.start();
    const parts = lab.machine.parts('w');
    const held = lab.disk.locks('other').tryLock('/LOCK');
    const since = parts.clock.monotonicMs();
    const refused = lab.machine.run(takeLock(parts, '/LOCK', 'it', { lockWaitMs: 100 }));
    await expect(refused).rejects.toMatchObject({ code: 'LOCKED', details: { path: '/LOCK' } });
    expect(parts.clock.monotonicMs() - since).toBeGreaterThanOrEqual(100);
    const waiting = takeLock(parts, '/LOCK', 'it', { lockWaitMs: 100 });
    await lab.machine.pass(50);
    held?.release();
    const lock = await lab.machine.run(waiting);
    lock.release();
    const stop = AbortSignal.abort(new Error('enough'));
    const stopped = takeLock(parts, '/LOCK', 'it', { lockWaitMs: 100, signal: stop });
    await expect(stopped).rejects.toThrow('enough');
  });

  it('isGone is true when the directory of a lock is not there any more, and for nothing else', () => {
    const error = (code: string): unknown =>
      fromSystem(Object.assign(new Error(code), { code, syscall: 'open' }), 'lock', '/x');
    expect(isGone(error('ENOENT'))).toBe(true);
    expect(isGone(error('EIO'))).toBe(false);
    expect(isGone(Object.assign(new Error('ENOENT'), { code: 'ENOENT' }))).toBe(false);
    expect(isGone(new HoldfastError('NOT_FOUND', 'Cannot find it', { what: 'x' }))).toBe(false);
    expect(isGone(null)).toBe(false);
  });
});

describe('frameTypeName', () => {
  it('frameTypeName knows every type by its name, and no other', () => {
    const all = { ...frameType, ...streamFrameType, ...eventFrameType };
    for (const [name, type] of Object.entries(all)) expect(frameTypeName(type)).toBe(name);
    expect(frameTypeName(99)).toBe('type 99');
  });
});
