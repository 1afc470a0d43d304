/** Real locks: the kernel's answer, a killed process, a replaced file, a missing addon. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { explainLoadFailure, tryFlock } from '../../src/platform/flock.ts';
import { parseLockText } from '../../src/platform/lock-text.ts';
import { nodeLocks } from '../../src/platform/node-locks.ts';

let directory = '';
let path = '';
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'holdfast-'));
  path = join(directory, 'LOCK');
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const locks = nodeLocks();
const caught = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

/** A process that holds the lock until it is killed. */
async function holder(): Promise<ChildProcess> {
  const code = `
    const fd = require('node:fs').openSync(${JSON.stringify(path)}, 'a+');
    require(${JSON.stringify(createRequire(import.meta.url).resolve('fs-ext'))}).flockSync(fd, 'exnb');
    process.stdout.write('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('nodeLocks', () => {
  it('tryLock refuses a second descriptor of the same process until release', () => {
    expect(locks.unavailable()).toBeNull();
    const lock = locks.tryLock(path);
    expect(lock?.held()).toBe(true);
    expect(nodeLocks().tryLock(path)).toBeNull();
    lock?.release();
    lock?.release();
    expect(lock?.held()).toBe(false);
    const next = locks.tryLock(path);
    expect(next).not.toBeNull();
    next?.release();
  });

  it('tryLock is refused while another process holds it, and free once that is killed', async () => {
    const child = await holder();
    expect(locks.tryLock(path)).toBeNull();
    expect(locks.probe(path)).toBe('held');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(locks.probe(path)).toBe('free');
    const lock = locks.tryLock(path);
    expect(lock).not.toBeNull();
    lock?.release();
  });

  it('tryLock names the holder in the file, for its owner alone to read', () => {
    fs.writeFileSync(path, 'x'.repeat(1000), { mode: 0o600 });
    const lock = locks.tryLock(path);
    expect(locks.owner(path)).toEqual({
      pid: process.pid,
      host: hostname(),
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    });
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    lock?.release();
  });

  it('held is false after the file was removed or replaced', () => {
    const lock = locks.tryLock(path);
    fs.renameSync(path, `${path}.aside`);
    expect(lock?.held()).toBe(false);
    fs.renameSync(`${path}.aside`, path);
    expect(lock?.held()).toBe(true);
    fs.writeFileSync(`${path}.other`, '');
    fs.renameSync(`${path}.other`, path);
    expect(lock?.held()).toBe(false);
    lock?.release();
  });

  it('tryLock locks the file at the path when it is replaced while it is being locked', () => {
    fs.writeFileSync(path, '');
    let replaced = 0;
    const racing = nodeLocks(() => () => {
      if (replaced++ < 3) {
        fs.rmSync(path);
        fs.writeFileSync(path, '');
      }
    });
    const lock = racing.tryLock(path);
    expect(replaced).toBe(4);
    expect(lock?.held()).toBe(true);
    lock?.release();
    const hopeless = nodeLocks(() => () => fs.rmSync(path));
    expect(caught(() => hopeless.tryLock(path))).toMatchObject({ code: 'LOCKED' });
  });

  it('tryLock and probe refuse a symbolic link, and what is not a plain file', () => {
    fs.writeFileSync(join(directory, 'target'), '');
    fs.symlinkSync('target', path);
    for (const call of [() => locks.tryLock(path), () => locks.probe(path)]) {
      const error = caught(call);
      expect(HoldfastError.is(error, 'INVALID') && error.message).toContain('symbolic link');
    }
    expect(locks.owner(path)).toBeNull();
    expect(caught(() => locks.probe(directory))).toMatchObject({ code: 'INVALID' });
  });

  it('probe tells missing, free and held, and changes nothing', () => {
    expect(locks.probe(path)).toBe('missing');
    expect(locks.probe(join(directory, 'no', 'LOCK'))).toBe('missing');
    expect(fs.readdirSync(directory)).toEqual([]);
    const lock = locks.tryLock(path);
    expect(locks.probe(path)).toBe('held');
    lock?.release();
    expect(locks.probe(path)).toBe('free');
  });

  it('tryLock tells IO with the errno when the directory is missing', () => {
    expect(caught(() => locks.tryLock(join(directory, 'no', 'LOCK')))).toMatchObject({
      code: 'IO',
      details: { errno: 'ENOENT' },
    });
  });

  it('without the addon refuses to lock, says why, and probes nothing', () => {
    fs.writeFileSync(path, '');
    const without = nodeLocks(() => {
      throw Object.assign(new Error("Cannot find module 'fs-ext'"), { code: 'MODULE_NOT_FOUND' });
    });
    expect(without.unavailable()).toContain('npm rebuild fs-ext');
    expect(without.probe(path)).toBe('unknown');
    const error = caught(() => without.tryLock(path));
    expect(HoldfastError.is(error, 'LOCK_UNAVAILABLE') && error.details.reason).toContain(
      'not installed',
    );
  });

  it('tells a file system that does not lock from a lock that is held', () => {
    const refusing = nodeLocks(() => () => {
      throw Object.assign(new Error('no locks'), { code: 'ENOLCK' });
    });
    expect(caught(() => refusing.tryLock(path))).toMatchObject({
      code: 'LOCK_UNAVAILABLE',
      message: expect.stringContaining('ENOLCK') as string,
    });
  });
});

describe('explainLoadFailure', () => {
  const failed = (code: string, message: string): string =>
    explainLoadFailure(Object.assign(new Error(message), { code }));

  it('tells absent, not built, and built for another Node apart, each with the commands', () => {
    const stack = '\nRequire stack:\n- /x/node_modules/fs-ext/fs-ext.js';
    const reasons = [
      failed('MODULE_NOT_FOUND', `Cannot find module 'fs-ext'${stack}`),
      failed('MODULE_NOT_FOUND', `Cannot find module './build/Release/fs_ext.node'${stack}`),
      failed(
        'ERR_DLOPEN_FAILED',
        "The module 'fs_ext.node'\nwas compiled against NODE_MODULE_VERSION 115",
      ),
      failed('ERR_DLOPEN_FAILED', 'fs_ext.node: invalid ELF header'),
    ];
    const expected = [
      'is not installed',
      'is installed but not built',
      'another Node',
      'invalid ELF',
    ];
    for (const [index, reason] of reasons.entries()) {
      expect(reason).toContain(expected[index]);
      expect(reason).toContain('npm install-scripts approve fs-ext && npm rebuild fs-ext');
      expect(reason).toContain('python3');
    }
  });
});

describe('tryFlock', () => {
  const failing =
    (...codes: string[]) =>
    () => {
      const code = codes.shift();
      if (code !== undefined) throw Object.assign(new Error(code), { code });
    };

  it('takes both names of a refusal, and goes on after a signal', () => {
    expect(tryFlock(failing('EAGAIN'), 3, 'exnb')).toBe(false);
    expect(tryFlock(failing('EINTR', 'EWOULDBLOCK'), 3, 'exnb')).toBe(false);
    expect(tryFlock(failing('EINTR', 'EINTR'), 3, 'exnb')).toBe(true);
    expect(() => tryFlock(failing('EBADF'), 3, 'exnb')).toThrow('EBADF');
  });
});

describe('parseLockText', () => {
  it('takes what it can understand, and no control characters', () => {
    expect(parseLockText('')).toBeNull();
    expect(parseLockText('{"pid":12')).toBeNull();
    expect(parseLockText('null')).toBeNull();
    expect(parseLockText('[1]')).toBeNull();
    expect(parseLockText('{"pid":-3,"host":7,"since":{}}')).toBeNull();
    expect(
      parseLockText('{"pid":12,"host":"a\\u001b[2Jb","since":"2026-01-01T00:00:00Z"}'),
    ).toEqual({
      pid: 12,
      host: null,
      since: '2026-01-01T00:00:00Z',
    });
  });
});
