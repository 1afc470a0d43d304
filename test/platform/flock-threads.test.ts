/** The addon in the main thread and in workers after one another, which it does not survive by itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const door = new URL('../../dist/index.js', import.meta.url).href;

it('loadFlock serves the main thread and workers after one another and side by side', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-threads-'));
  // A child process, because what went wrong here ended the process.
  const program = `
    import { isMainThread, Worker, workerData } from 'node:worker_threads';
    import { Store } from ${JSON.stringify(door)};
    const root = isMainThread ? ${JSON.stringify(directory)} : workerData;
    const use = async (name) => {
      const store = await Store.open(root + '/' + name);
      const session = await store.openSession('s', { create: true });
      await session.append({ role: 'user', content: name });
      await store.close();
    };
    const inWorker = (name) => new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: root, argv: [name] });
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
    if (isMainThread) {
      await use('main');
      for (const name of ['one', 'two', 'three']) await inWorker(name);
      await Promise.all(['a', 'b', 'c'].map(inWorker));
      await use('main');
      console.log('all ended');
    } else await use(process.argv[2]);
  `;
  const file = join(directory, 'program.mjs');
  try {
    writeFileSync(file, program);
    const told = spawnSync(process.execPath, [file], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    expect(told.stderr).toBe('');
    expect(told.stdout).toBe('all ended\n');
    expect(told.status).toBe(0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
