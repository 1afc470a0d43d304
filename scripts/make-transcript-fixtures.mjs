/**
 * `npm run transcript-fixtures`: writes the transcripts of fixtures/transcripts from the modules of
 * scripts/transcript-fixtures, each of which exports `files`: paths below that folder, and bytes.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write(`Usage: npm run transcript-fixtures -- [--check]

  (nothing)  writes all of them, and takes away what no module makes
  --check    makes all of them anew, writes nothing, and tells which differ from what is kept
`);
  process.exit(0);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'fixtures', 'transcripts');
const modules = join(root, 'scripts', 'transcript-fixtures');

const made = new Map();
for (const name of readdirSync(modules).toSorted()) {
  // A folder holds parts of the module of its name.
  if (!name.endsWith('.mjs')) continue;
  const { files } = await import(new URL(`transcript-fixtures/${name}`, import.meta.url));
  for (const { path, bytes } of files) {
    const below = path.replace(/^fixtures\/transcripts\//, '');
    if (made.has(below)) throw new Error(`${name} makes ${below}, which another module makes`);
    made.set(below, Buffer.from(bytes));
  }
}

const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
const stale = kept.filter((path) => !made.has(path)).map((path) => `${path}: no module makes it`);
const changed = [...made]
  .filter(
    ([path, bytes]) => !kept.includes(path) || !readFileSync(join(folder, path)).equals(bytes),
  )
  .map(([path]) => `${path}: ${kept.includes(path) ? 'is made differently' : 'is missing'}`);

if (values.check) {
  for (const line of [...stale, ...changed].toSorted()) process.stdout.write(`${line}\n`);
  process.stdout.write(`${made.size} files are made, ${stale.length + changed.length} differ\n`);
  process.exit(stale.length + changed.length === 0 ? 0 : 1);
}
for (const path of kept) if (!made.has(path)) rmSync(join(folder, path));
for (const [path, bytes] of made) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}
process.stdout.write(`${made.size} files, ${changed.length} of them new or changed\n`);
