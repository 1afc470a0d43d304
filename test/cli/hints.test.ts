/** What is said to those whose path is no transcript as it stands, or is taken for an option. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { engine } from '../../src/cli/library.ts';
import { runWith } from '../helpers/cli.ts';
import { clean, eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

describe('recover says what to do with', () => {
  const zipHead = Buffer.from([0x50, 0x4b, 0x03, 0x04, 20, 0]);
  const zstdHead = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4, 0]);
  test.each([
    ['gzip', 'gunzip -c FILE > COPY', gzipSync(clean)],
    ['zip', 'unzip FILE', Buffer.concat([zipHead, deflateRawSync(clean)])],
    ['zstd', 'zstd -d -c FILE > COPY', Buffer.concat([zstdHead, deflateRawSync(clean)])],
  ])('a file that is packed as %s', async (name, command, bytes) => {
    const path = file('session.jsonl', '');
    writeFileSync(path, bytes);
    for (const verb of ['scan', 'verify', 'plan']) {
      const { code, stderr } = await recover(verb, path);
      expect([verb, code]).toEqual([verb, 64]);
      expect(stderr).toContain(`is packed (${name})`);
      expect(stderr).toContain(command);
    }
  });

  test('a folder that is empty, and one of other files', async () => {
    const empty = join(place.folder, 'empty');
    mkdirSync(empty);
    for (const verb of ['scan', 'verify', 'report']) {
      const { code, stderr } = await runWith(engine, 'recover', verb, empty);
      expect([verb, code]).toEqual([verb, 66]);
      expect(stderr).toContain('no transcript and no store');
      expect(stderr).not.toContain('store.json');
    }
    writeFileSync(join(empty, 'notes.txt'), 'none');
    const told = await recover('scan', empty);
    expect(told).toMatchObject({ code: 0 });
    expect(told.stdout).toBe('No transcript was found there, 1 other file passed over\n');
  });

  test('a path that is taken for options, and with no path in other words', async () => {
    for (const path of ['-home-me-app/x.jsonl', '-home-me-app', '--home/x.jsonl']) {
      const { code, stderr } = await recover('plan', path);
      expect(code).toBe(64);
      expect(stderr).toContain(`is it a path? Then write ./${path}, or -- in front of it`);
    }
    for (const word of ['-json', '-z', '--jsn']) {
      expect((await recover('plan', word)).stderr).not.toContain('is it a path?');
    }
  });
});

describe('the fix of damaged bytes is named as exactly for', () => {
  const damages = {
    TORN_RECORD: ['Cut the torn record off.', (text: string) => text.slice(0, -20)],
    FUSED_RECORDS: [
      'Put a line end between the records.',
      (text: string) => text.replace('}\n{', '}{'),
    ],
    NUL_RUN: ['Take the zero bytes out.', (text: string) => text.replace('}\n{', '}\n\0\0\0{')],
    BYTE_ORDER_MARK: ['Take the mark out.', (text: string) => `\uFEFF${text}`],
  } as const;
  const time = '2026-05-01T10:00:00.000Z';
  const said = (role: string, words: string): object => ({
    role,
    content: [{ type: 'text', text: words }],
  });
  const lines = (...records: readonly object[]): string =>
    records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const gemini = lines(
    { sessionId: 's', projectHash: 'p', startTime: time, lastUpdated: time, kind: 'main' },
    { id: 'm1', timestamp: time, type: 'user', content: 'Read the notes' },
    { id: 'm2', timestamp: time, type: 'gemini', content: 'They say milk and bread' },
  );
  const pi = lines(
    { type: 'session', version: 3, id: 's', timestamp: time, cwd: '/p' },
    { type: 'message', id: 'a', parentId: null, timestamp: time, message: said('user', 'Read') },
    { type: 'message', id: 'b', parentId: 'a', timestamp: time, message: said('assistant', 'Yes') },
  );

  test.each([
    ['Codex', clean],
    ['Gemini CLI', gemini],
    ['pi', pi],
  ])('%s as for Claude Code', async (_name, text) => {
    for (const [code, [fix, damage]] of Object.entries(damages)) {
      const { stdout } = await recover('verify', file('damaged.jsonl', damage(text)), '--json');
      const { findings } = JSON.parse(stdout) as {
        readonly findings: readonly { readonly code: string; readonly fix: string | null }[];
      };
      const fixes = findings.flatMap((one) => (one.code === code ? [one.fix] : []));
      expect([code, ...fixes]).toEqual([code, fix]);
    }
  });
});
