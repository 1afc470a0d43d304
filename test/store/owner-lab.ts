/** Real processes on one store: a directory for each test, and what runs in it ends with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';
import { Store } from '../../src/store/store.ts';
import { collect } from '../helpers/sim-store.ts';
import { StoreProcess } from '../helpers/store-process.ts';

/** The library as other programs import it. */
export const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** Where the test that runs has its store: `root`, in a directory that is its own. */
export const place = { directory: '', root: '' };

let processes: StoreProcess[] = [];
let stores: Store[] = [];

/** Gives each test of a file a place, and ends what the test began. Called once, at the top. */
export function eachInItsPlace(): void {
  beforeEach(() => {
    place.directory = fs.mkdtempSync(join(tmpdir(), 'holdfast-owner-'));
    place.root = join(place.directory, 'store');
  });
  afterEach(async () => {
    for (const process of processes) await process.end();
    for (const store of stores) await store.close().catch(() => undefined);
    processes = [];
    stores = [];
    fs.rmSync(place.directory, { recursive: true, force: true });
  });
}

/** Another process that has the store. */
export async function other(options = {}, path = place.root): Promise<StoreProcess> {
  const process = await StoreProcess.start(path, options);
  processes.push(process);
  return process;
}

/** The store in this process. */
export async function here(options = {}, path = place.root): Promise<Store> {
  const store = await Store.open(path, options);
  stores.push(store);
  return store;
}

/** Texts of a session that is opened for it. */
export async function textsOf(store: Store, id: string): Promise<unknown[]> {
  const session = await store.openSession(id);
  return (await collect(session.messages())).map(({ message }) => message.content);
}

/** A program of its own; what it prints, and how it ended. */
export async function program(code: string): Promise<{ lines: string[]; code: number | null }> {
  const text = `import { Store } from ${JSON.stringify(library)};
    const root = ${JSON.stringify(place.root)};
    const say = (content) => ({ role: 'user', content });
    ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.resume();
  const [exit] = (await once(child, 'close')) as [number | null];
  return { lines: output.split('\n').filter((line) => line !== ''), code: exit };
}

/** The error of who comes second: it names the process that has the lock. */
export const lockedBy = (pid: number): object => ({
  code: 'LOCKED',
  message: expect.stringContaining(`process ${pid}`) as string,
  details: { owner: { pid } },
});
