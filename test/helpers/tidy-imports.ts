/**
 * Tidy rules about what a file may touch: layers, cycles, dead files, and the few places where
 * modules and globals of the machine may be named.
 */
import { builtinModules } from 'node:module';
import { lineAt, list, nameOf, child, target, walk } from './source.ts';
import type { Node, Source } from './source.ts';

/** A rule that a file breaks, with its place. */
export interface Breach {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** The folders of src, and what each may import beside itself. Type imports count. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  platform: ['base'],
  format: ['base'],
  journal: ['base', 'platform', 'format'],
  session: ['base', 'format'],
  history: ['base', 'platform', 'format', 'journal', 'session'],
  integrity: ['base', 'format', 'session'],
  provider: ['base', 'format', 'session', 'integrity'],
  transcript: ['base', 'platform', 'format', 'session', 'integrity', 'provider'],
  // Of recovery only the types of its report; a page itself is pure.
  page: ['base', 'format', 'session', 'integrity', 'transcript', 'recovery'],
  checkpoint: ['base', 'format', 'session'],
  recovery: ['base', 'platform', 'format', 'journal', 'session', 'history', 'integrity'],
  store: [
    'base',
    'platform',
    'format',
    'journal',
    'session',
    'history',
    'integrity',
    'checkpoint',
    'recovery',
  ],
  log: ['base', 'platform', 'format', 'journal', 'recovery'],
  tune: ['base', 'platform', 'format', 'journal', 'recovery', 'store'],
  simulation: ['base', 'platform', 'format', 'recovery', 'store', 'log'],
};

/** What users import. A door stands above every layer, and only `cli` may use one. */
const doors = ['src/index.ts', 'src/wal.ts', 'src/testing.ts'];

/** Started by Node or by a person, so nothing imports them. */
const entries = [
  ...doors,
  'src/cli/main.ts',
  'src/cli/recover.ts',
  'src/journal/journal-worker.ts',
  'src/recovery/reading-worker.ts',
];

/** The layer of a file in src: a folder, `door`, or undefined for a file that has no place. */
function layerOf(path: string): string | undefined {
  if (doors.includes(path)) return 'door';
  const folder = /^src\/([^/]+)\//.exec(path)?.[1];
  return folder === 'cli' || (folder !== undefined && folder in layers) ? folder : undefined;
}

function mayImport(from: string, to: string): boolean {
  if (from === 'cli') return true;
  if (from === 'door') return to !== 'cli' && to !== 'door';
  return from === to || (layers[from] ?? []).includes(to);
}

/** Each file of src imports only what stands below it. */
export function layering(source: Source): Breach[] {
  if (!source.path.startsWith('src/')) return [];
  const from = layerOf(source.path);
  if (from === undefined) {
    const message = 'has no place among the layers; give its folder one in test/helpers';
    return [{ path: source.path, line: 1, message }];
  }
  const breaches: Breach[] = [];
  for (const imported of source.imports) {
    const path = target(source, imported.from);
    if (path === undefined) continue;
    const to = layerOf(path);
    if (to !== undefined && mayImport(from, to)) continue;
    const message = `${from} may not import ${path}`;
    breaches.push({ path: source.path, line: imported.line, message });
  }
  return breaches;
}

/**
 * No file imports itself by way of others; each cycle is told once, from its first file by name.
 */
export function cycles(sources: readonly Source[]): Breach[] {
  const edges = new Map(
    sources.map((source) => [source.path, source.imports.map((i) => target(source, i.from))]),
  );
  const breaches: Breach[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const message = `imports itself: ${[...trail.slice(start), path].join(' → ')}`;
      breaches.push({ path, line: 1, message });
    }
    if (start >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) if (next !== undefined) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of [...edges.keys()].toSorted()) visit(path, []);
  return breaches;
}

/** Every file of src is imported by another file, or is where a program begins. */
export function deadFiles(sources: readonly Source[]): Breach[] {
  const imported = new Set(
    sources.flatMap((source) => source.imports.map((i) => target(source, i.from))),
  );
  return sources
    .map((source) => source.path)
    .filter((path) => path.startsWith('src/') && !path.endsWith('.d.ts'))
    .filter((path) => !entries.includes(path) && !imported.has(path))
    .map((path) => ({ path, line: 1, message: 'is imported by nothing' }));
}

interface Confinement {
  readonly what: RegExp;
  readonly where: RegExp;
  /** In words, for the message. */
  readonly place: string;
}

const platform = { where: /^src\/platform\//, place: 'src/platform' };
const machine = { where: /^src\/(platform|cli)\//, place: 'src/platform and src/cli' };

const modules: readonly Confinement[] = [
  {
    what: /^(node:fs(\/promises)?|fs-ext|node:worker_threads|node:diagnostics_channel)$/,
    ...platform,
  },
  { what: /^node:(timers(\/promises)?|perf_hooks|process|os|child_process)$/, ...machine },
  {
    what: /^node:crypto$/,
    where: /^src\/(platform\/|format\/checksum\.ts$)/,
    place: 'src/platform (random) and src/format/checksum.ts (digests)',
  },
  {
    what: /^(better-sqlite3|node:sqlite)$/,
    where: /^src\/platform\/sqlite\.ts$/,
    place: 'src/platform/sqlite.ts',
  },
  {
    what: /^xxhash-wasm$/,
    where: /^src\/format\/checksum\.ts$/,
    place: 'src/format/checksum.ts',
  },
  {
    what: /^msgpackr(\/|$)/,
    where: /^src\/format\/(payload\.ts|[a-z-]+\.d\.ts)$/,
    place: 'src/format/payload.ts',
  },
  { what: /^(?!node:|\.)/, where: /^$/, place: 'no file until test/helpers says where' },
];

const names: readonly Confinement[] = [
  { what: /^console$/, where: /^src\/cli\//, place: 'src/cli' },
  { what: /^process$/, ...machine },
  { what: /^(Date\.now|Date\(\)|performance|AbortSignal\.timeout)$/, ...machine },
  { what: /^set(Timeout|Interval|Immediate)$/, ...machine },
  { what: /^(Math\.random|crypto)$/, ...platform },
];

/** Modules of the machine and of others are imported only where they can be replaced. */
export function moduleConfinement(source: Source): Breach[] {
  if (!source.path.startsWith('src/')) return [];
  const breaches: Breach[] = [];
  for (const { from, names: taken, line } of source.imports) {
    const told = (message: string): number => breaches.push({ path: source.path, line, message });
    // Newer Nodes list some of their modules with the prefix.
    const bare = !from.startsWith('node:') && builtinModules.includes(from);
    if (bare) told(`'${from}' is written 'node:${from}'`);
    const rule = modules.find(({ what }) => what.test(from));
    if (rule !== undefined && !rule.where.test(source.path)) {
      told(`'${from}' is for ${rule.place} only`);
    }
    const chance = taken.find((name) => /^(random|getRandom|webcrypto)/.test(name));
    if (source.path === 'src/format/checksum.ts' && chance !== undefined) {
      told(`'${chance}' is for ${platform.place} only`);
    }
  }
  return breaches;
}

/** An identifier that names a key or a label says nothing about a global of that name. */
function isKey(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent['computed'] === true) return false;
  if (parent['shorthand'] === true) return false;
  return ['key', 'property', 'imported', 'exported', 'label', 'right'].some((field) => {
    const named = field === 'right' ? parent.type === 'TSQualifiedName' : true;
    return named && parent[field] === node;
  });
}

/**
 * How a node names a global: `process`, `Date.now`, or `Date()` for the current time as an object.
 */
function globalName(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'MemberExpression') {
    const object = nameOf(child(node, 'object'));
    const property = nameOf(child(node, 'property'));
    return object === 'globalThis' ? property : `${object}.${property}`;
  }
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const made = nameOf(child(node, 'callee')) === 'Date' && list(node, 'arguments').length === 0;
    return made ? 'Date()' : undefined;
  }
  return node.type === 'Identifier' && !isKey(node, parent) ? nameOf(node) : undefined;
}

/** Clocks, timers, chance, the process and the console are named only where they belong. */
export function globalConfinement(source: Source): Breach[] {
  if (!source.path.startsWith('src/')) return [];
  const breaches: Breach[] = [];
  walk(source.program, (node, parent) => {
    const name = globalName(node, parent);
    const rule = name === undefined ? undefined : names.find(({ what }) => what.test(name));
    if (rule === undefined || rule.where.test(source.path)) return;
    const message = `${name} is for ${rule.place} only`;
    breaches.push({ path: source.path, line: lineAt(source.text, node.start), message });
  });
  return breaches;
}
