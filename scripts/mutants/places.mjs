/**
 * Where the code can be changed: the mutants that Stryker's instrumenter makes of the sources, and the
 * same sources with a counter at each of these places, from which the coverage of every test is known.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@babel/core';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** Format, journal, recovery, and all that makes and reads restore points and bases. */
const folders = ['format', 'journal', 'recovery', 'checkpoint'];
const files = [
  'src/history/base-frame.ts',
  'src/session/fold-value.ts',
  'src/session/snapshot-marks.ts',
  'src/store/base-points.ts',
  'src/store/checkpoints.ts',
  'src/store/rewind.ts',
  'src/store/snapshots.ts',
];

const silent = {
  isDebugEnabled: () => false,
  debug: () => undefined,
  info: () => undefined,
};

/** The files whose mutants are drawn from, in a fixed order. */
export function mutatedFiles(root) {
  const found = folders.flatMap((folder) => {
    const names = readdirSync(join(root, 'src', folder)).sort();
    return names
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => `src/${folder}/${name}`);
  });
  return [...found, ...files];
}

/** `mutants`, with ids that belong to these very sources, and `counted`: the sources with counters. */
export async function placesOf(root) {
  const sources = mutatedFiles(root).map((name) => {
    return { name, content: readFileSync(join(root, name), 'utf8'), mutate: true };
  });
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: false };
  const result = await new Instrumenter(silent).instrument(sources, options);
  const textOf = new Map(sources.map(({ name, content }) => [name, content]));
  const mutants = result.mutants.map(({ id, fileName, location, mutatorName, replacement }) => {
    const text = textOf.get(fileName);
    const from = offsetOf(text, location.start);
    const to = offsetOf(text, location.end);
    const original = text.slice(from, to);
    const line = location.start.line + 1;
    const column = location.start.column + 1;
    const place = { id, file: fileName, line, column, from, to };
    return { ...place, mutatorName, original, replacement, text };
  });
  return { mutants, counted: result.files };
}

function offsetOf(text, { line, column }) {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) start = text.indexOf('\n', start) + 1;
  return start + column;
}

/**
 * The JavaScript of a file with one mutant in it; null when that is no program. The replacement of an
 * expression stands in brackets, so that what is around it cannot take it apart.
 */
export function mutated({ text, from, to, original, replacement }) {
  const isStatement = /^\{|^(case|default)\b/.test(original) && !replacement.startsWith('(');
  for (const put of isStatement
    ? [replacement, `(${replacement})`]
    : [`(${replacement})`, replacement]) {
    try {
      return javaScriptOf(text.slice(0, from) + put + text.slice(to));
    } catch {
      // The other way of writing it, or none.
    }
  }
  return null;
}

function javaScriptOf(text) {
  const typescript = ['@babel/preset-typescript', { onlyRemoveTypeImports: true }];
  const { code } = transformSync(text, {
    filename: 'mutant.ts',
    babelrc: false,
    configFile: false,
    presets: [typescript],
    sourceType: 'module',
  });
  return code.replace(/(from\s+['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
}
