/** A limit on virtual memory (`ulimit -v`), in a process of its own: told as every other refusal. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const library = new URL('../../dist/doors/index.js', import.meta.url).href;
const limitKiB = 4_000_000;

it('Store.open says that memory lacks, with what to do, where WebAssembly cannot begin', ({
  skip,
}) => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-memory-'));
  try {
    const program = `
      console.log('begun');
      const { Store } = await import(${JSON.stringify(library)});
      const told = await Store.open(${JSON.stringify(root)}).catch((error) => error);
      console.log(JSON.stringify({ ...told, message: told.message }));`;
    const shell = `ulimit -v ${limitKiB} && exec "$0" --input-type=module -e "$1"`;
    const { stdout } = spawnSync('sh', ['-c', shell, process.execPath, program], {
      encoding: 'utf8',
    });
    const [begun, told] = stdout.split('\n');
    // Node 24 and 26 end themselves with so little, before anything of ours runs.
    if (begun !== 'begun' || told === '') skip('Node itself does not get as far here');
    const details = { errno: 'ENOMEM' };
    expect(JSON.parse(told ?? '')).toMatchObject({ code: 'IO', details });
    expect(told).toContain('ulimit -v');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
