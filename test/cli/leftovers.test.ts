/** What a killed run leaves beside the file that it was making. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runWith } from '../helpers/cli.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-leftovers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('apply removes and tells what a dead run to the same name has left, and nothing else', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const stay = [
    `other.json.${pid}-1.holdfast-partial`,
    `out.json.${process.pid}-1.holdfast-partial`,
    `out.json.${pid}-1.holdfast-partial.txt`,
    `out.json.x${pid}-1.holdfast-partial`,
    'in.json',
  ];
  const go = [`out.json.${pid}-1.holdfast-partial`, `out.json.${pid}-12.holdfast-partial`];
  for (const name of [...stay, ...go]) writeFileSync(join(folder, name), 'x');
  writeFileSync(join(folder, 'in.json'), '[{"role":"user","content":"a"}]');
  const [source, to] = [join(folder, 'in.json'), join(folder, 'out.json')];
  const told = await runWith({}, 'recover', 'apply', source, '--to', to);
  expect(told.code).toBe(0);
  expect(readdirSync(folder).toSorted()).toEqual([...stay, 'out.json'].toSorted());
  for (const name of go) expect(told.stderr).toContain(`${name}": a run that was killed`);
});
