/** A file that is read at any place: its size stays that of the opening, and trouble has a code. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openByteFile } from '../../src/platform/byte-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-byte-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('openByteFile', () => {
  it('reads at any place, and nothing that is appended meanwhile', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'abcdef');
    const file = openByteFile(path);
    appendFileSync(path, 'ghi');
    const text = (offset: number, length: number): string =>
      Buffer.from(file.read(offset, length)).toString();
    expect(file.size).toBe(6);
    expect([text(0, 3), text(4, 100), text(6, 1), text(9, 1)]).toEqual(['abc', 'ef', '', '']);
    file.close();
  });

  it('says what is no file, and what is not there', () => {
    const failing = (path: string): unknown => {
      try {
        return openByteFile(path);
      } catch (error) {
        return (error as { code: unknown }).code;
      }
    };
    expect(failing(folder)).toBe('INVALID');
    expect(failing(join(folder, 'none'))).toBe('IO');
  });
});
