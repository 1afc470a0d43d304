/** Tests in a process of their own, with an eye on the clock. */
import { fork, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));
/** What a test takes at most that takes `ms` when nothing is wrong. */
const patienceMs = (ms) => 10_000 + 5 * ms;

/**
 * Runs `tests` (`{file, ordinal, ms}`) one after the other. `onTold` gets what the process tells. It
 * resolves with null, or with what was wrong: a failure, a test that did not end, or a process that did.
 */
export function runTests({ tree, tests, isStoppedByFailure, onTold = () => undefined }) {
  const temporary = mkdtempSync(join(tmpdir(), 'holdfast-mutant-'));
  const usual = new Map(tests.map(({ file, ordinal, ms }) => [`${file}#${ordinal}`, ms ?? 30_000]));
  const env = { ...process.env, TMPDIR: temporary };
  const options = { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' };
  const worker = fork(child, [tree], options);
  let found = null;
  let current = { file: '', ordinal: -1 };
  let timer = null;
  const wait = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      found ??= { kind: 'timeout', ...current, error: 'it did not end' };
      worker.kill('SIGKILL');
    }, ms);
  };
  wait(20_000);
  worker.on('message', (told) => {
    onTold(told);
    if (told.kind === 'ready') worker.send({ tests, isStoppedByFailure });
    else if (told.kind === 'begin') {
      current = { file: told.file, ordinal: told.ordinal };
      wait(patienceMs(usual.get(`${told.file}#${told.ordinal}`) ?? 30_000));
    } else if (told.kind === 'end' && told.result === 'failed')
      found ??= { ...told, kind: 'failed' };
    else if (told.kind === 'stray') found ??= { ...current, ...told, kind: 'failed' };
    else if (told.kind === 'over') wait(5000);
  });
  return new Promise((resolve) => {
    worker.on('exit', (code) => {
      clearTimeout(timer);
      if (code !== 0)
        found ??= { ...current, kind: 'failed', error: `the process ended with ${code}` };
      removeTemporary(temporary);
      resolve(found);
    });
  });
}

/** A process that was killed may leave a mount behind, which holds its directory. */
function removeTemporary(path) {
  const mounts = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8') : '';
  const points = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const point of points.filter((one) => one.startsWith(`${path}/`)).toReversed()) {
    spawnSync('umount', ['--lazy', point]);
  }
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
