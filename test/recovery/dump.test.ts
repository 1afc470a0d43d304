/** Dumps of files that the engine made, whole and damaged. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { dump } from '../../src/recovery/dump.ts';
import type { DumpedFrame, DumpLine } from '../../src/recovery/dump.ts';
import { Store } from '../../src/store/store.ts';

let folder = '';
let history = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-dump-'));
  const store = await Store.open(join(folder, 'store'), { io: 'pool' });
  const session = await store.createSession({ id: 's1' });
  for (const content of ['one', 'two', 'three']) await session.append({ role: 'user', content });
  await store.close();
  history = join(folder, 'store', 'sessions', 's1', 'history');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function linesOf(path: string): Promise<readonly DumpLine[]> {
  const lines: DumpLine[] = [];
  for await (const line of dump(path)) lines.push(line);
  return lines;
}

/** Every byte behind the header stands in exactly one line. */
function expectWhole(lines: readonly DumpLine[]): void {
  let end = fileHeaderBytes;
  for (const line of lines) {
    if (line.kind === 'file' || line.kind === 'header' || line.kind === 'vouched-end') continue;
    expect(line.offset).toBe(end);
    end += line.bytes;
  }
  const [file] = lines;
  expect(end).toBe(file?.kind === 'file' ? file.bytes : -1);
}

function framesOf(lines: readonly DumpLine[]): readonly DumpedFrame[] {
  return lines.filter((line) => line.kind === 'frame');
}

const isMessage = ({ name }: DumpedFrame): boolean => name === 'message';

function change(offset: number, edit: (bytes: Buffer) => void): void {
  const bytes = readFileSync(history);
  edit(bytes.subarray(offset));
  writeFileSync(history, bytes);
}

describe('dump', () => {
  test('dump shows the head, every frame with its event, and the vouched end of a history', async () => {
    const lines = await linesOf(history);
    expect(lines.slice(0, 2)).toMatchObject([
      { kind: 'file', file: 'history', path: history },
      { kind: 'header', soundBlocks: 2, fields: { sessionId: 's1', vouchedSeq: 3 } },
    ]);
    const messages = framesOf(lines).filter(isMessage);
    expect(messages.map(({ streamSeq }) => streamSeq)).toEqual([1, 2, 3]);
    expect(messages.map(({ detail }) => detail)).toMatchObject(
      ['one', 'two', 'three'].map((content) => ({ event: { message: { role: 'user', content } } })),
    );
    expect(lines.at(-1)).toMatchObject({ kind: 'vouched-end', seq: 3 });
    expectWhole(lines);
  });

  test('dump shows a bad payload as damage that names what is lost, and goes on behind it', async () => {
    const second = framesOf(await linesOf(history)).filter(isMessage)[1];
    change((second?.offset ?? 0) + 64 + 12, (bytes) => bytes.fill(0xff, 0, 1));
    const lines = await linesOf(history);
    const damage = lines.filter((line) => line.kind === 'damage');
    expect(damage).toMatchObject([
      { offset: second?.offset, frame: { streamSeq: 2, name: 'message', detail: null } },
    ]);
    expect(
      framesOf(lines)
        .filter(isMessage)
        .map(({ streamSeq }) => streamSeq),
    ).toEqual([1, 3]);
    expectWhole(lines);
  });

  test('dump shows a bad header as damage, and free space behind the content', async () => {
    const first = framesOf(await linesOf(history)).filter(isMessage)[0];
    change(first?.offset ?? 0, (bytes) => bytes.fill(0xff, 0, 1));
    truncateSync(history, 3 * 1024 * 1024);
    const lines = await linesOf(history);
    expect(lines.filter((line) => line.kind === 'damage')).toMatchObject([{ frame: null }]);
    expect(lines.at(-1)?.kind).toBe('free');
    expectWhole(lines);
  });

  test('dump shows every cut and every changed byte of a history without throwing', async () => {
    const whole = readFileSync(history);
    const frames = framesOf(await linesOf(history)).length;
    for (let at = fileHeaderBytes; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      writeFileSync(history, bytes);
      const changed = await linesOf(history);
      expectWhole(changed);
      expect(framesOf(changed).length, `byte ${at}`).toBe(frames - 1);
      writeFileSync(history, whole.subarray(0, at));
      expectWhole(await linesOf(history));
    }
  });

  test('dump reads one header block when the other is bad, and says when both are', async () => {
    change(100, (bytes) => bytes.fill(0xff, 0, 8));
    expect((await linesOf(history))[1]).toMatchObject({ soundBlocks: 1 });
    change(4096 + 100, (bytes) => bytes.fill(0xff, 0, 8));
    const lines = await linesOf(history);
    expect(lines[1]).toMatchObject({ soundBlocks: 0, fields: null });
    expect(lines[2]).toMatchObject({ kind: 'damage', offset: fileHeaderBytes });
  });

  test('dump shows the small files of a store, and foreign files as what they are', async () => {
    const at = (name: string): string => join(folder, 'store', name);
    expect(await linesOf(at('store.json'))).toMatchObject([
      { file: 'store' },
      { kind: 'header', fields: { format: 'holdfast' } },
    ]);
    expect(await linesOf(at('writers'))).toMatchObject([{ file: 'writers' }, { fields: {} }]);
    writeFileSync(at('store.json'), '{');
    expect((await linesOf(at('store.json')))[1]).toMatchObject({ fields: null });
    writeFileSync(at('other'), 'something else');
    expect(await linesOf(at('other'))).toMatchObject([{ file: 'unknown' }, { kind: 'damage' }]);
  });

  test('dump answers NOT_FOUND for nothing and for a directory', async () => {
    for (const path of [join(folder, 'nothing'), folder]) {
      const error: unknown = await linesOf(path).catch((reason: unknown) => reason);
      expect(HoldfastError.is(error, 'NOT_FOUND')).toBe(true);
    }
  });

  test('dump shows the batches of a segment in use, with its free space', async () => {
    const store = await Store.open(join(folder, 'store'), { io: 'pool' });
    const session = await store.openSession('s1');
    await session.append({ role: 'user', content: 'four' });
    const { readdirSync } = await import('node:fs');
    const [writer = ''] = readdirSync(join(folder, 'store', 'journals'));
    const lines = await linesOf(join(folder, 'store', 'journals', writer, '0000000001.segment'));
    await store.close();
    expect(lines[1]).toMatchObject({
      kind: 'header',
      soundBlocks: 2,
      fields: { number: 1, writer },
    });
    const names = framesOf(lines).map(({ name }) => name);
    expect(names.slice(0, 1)).toEqual(['origin']);
    expect(names).toEqual(expect.arrayContaining(['attach', 'message', 'commit']));
    const attach = framesOf(lines).find(({ name }) => name === 'attach');
    expect(attach?.detail).toEqual({ session: 's1' });
    expect(lines.at(-1)?.kind).toBe('free');
    expectWhole(lines);
  });
});
