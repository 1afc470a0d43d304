/**
 * A source file as the tidy rules see it: its text, its syntax tree, its comments and its imports. The
 * parser is the one that runs the tests, so a rule never guesses at what is code and what is a string.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of the syntax tree (ESTree with TypeScript's nodes); offsets are UTF-16 code units. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A comment, delimiters included. */
export interface Comment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One import, re-export, `import()`, import type or `require` of a literal name. */
export interface Import {
  readonly from: string;
  readonly names: readonly string[];
  readonly line: number;
}

/** A parsed file. `path` is relative to the root of the project, with `/`. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly program: Node;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'
  );
}

/** The nodes directly below a node, in no promised order. */
function children(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

/** A child by field name, when there is one. */
export function child(node: Node | undefined, field: string): Node | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** The children in an array field; holes and missing fields are left out. */
export function list(node: Node, field: string): Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier, or the value of a string literal. */
export function nameOf(node: Node | undefined): string | undefined {
  const name = node?.type === 'Identifier' ? node['name'] : node?.['value'];
  return typeof name === 'string' ? name : undefined;
}

/** Calls `visit` for every node below and including `node`, with its parent. */
export function walk(
  node: Node,
  visit: (node: Node, parent: Node | undefined) => void,
  parent?: Node,
): void {
  visit(node, parent);
  for (const next of children(node)) walk(next, visit, node);
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Literals hide comment marks; outside of them `//` and `/*` are always comments. */
function commentsIn(text: string, program: Node): Comment[] {
  const literalEnds = new Map<number, number>();
  walk(program, (node) => {
    const literal = node.type === 'Literal' || node.type === 'TemplateElement';
    if (literal) literalEnds.set(node.start, node.end);
  });
  const comments: Comment[] = [];
  let at = text.startsWith('#!') ? text.indexOf('\n') : 0;
  while (at < text.length) {
    const literalEnd = literalEnds.get(at) ?? at;
    if (literalEnd > at) {
      at = literalEnd;
      continue;
    }
    const mark = text.slice(at, at + 2);
    if (mark !== '//' && mark !== '/*') {
      at++;
      continue;
    }
    const close = mark === '//' ? text.indexOf('\n', at) : text.indexOf('*/', at + 2) + 2;
    const end = close < 2 ? text.length : close;
    comments.push({ start: at, end, text: text.slice(at, end) });
    at = end;
  }
  return comments;
}

/** The module that a node names, in any of the ways in which a file can depend on another. */
function importedModule(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return nameOf(child(node, 'source'));
    case 'TSExternalModuleReference':
      return nameOf(child(node, 'expression'));
    case 'CallExpression': {
      const callee = child(node, 'callee');
      const made = callee?.type === 'CallExpression' ? child(callee, 'callee') : callee;
      const required = /^(create)?require$/i.test(nameOf(made) ?? '');
      const [argument] = list(node, 'arguments');
      return required && argument?.type === 'Literal' ? nameOf(argument) : undefined;
    }
    default:
      return undefined;
  }
}

function importsIn(text: string, program: Node): Import[] {
  const imports: Import[] = [];
  walk(program, (node) => {
    const from = importedModule(node);
    if (from === undefined) return;
    const names = list(node, 'specifiers').map((specifier) => nameOf(child(specifier, 'imported')));
    imports.push({
      from,
      names: names.filter((name) => name !== undefined),
      line: lineAt(text, node.start),
    });
  });
  return imports;
}

/** Parses one file of code; JavaScript counts as TypeScript. Throws when it does not parse. */
export function parse(path: string, text: string): Source {
  const lang = /\.d\.m?ts$/.test(path) ? 'dts' : 'ts';
  const program = parseAst(text, { lang }, path) as unknown as Node;
  return {
    path,
    text,
    lines: text.replace(/\n$/, '').split('\n'),
    program,
    comments: commentsIn(text, program),
    imports: importsIn(text, program),
  };
}

/** The file that a relative import means, or undefined for the name of a package. */
export function target(source: Source, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(source.path), from));
}

const made = new Set(['node_modules', 'dist', 'coverage']);

/** Paths of all files of the project below a folder: not what is installed, built or hidden by git. */
export function filesBelow(root: string, folder = ''): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    const hidden = entry.name.startsWith('.') && entry.name !== '.ci';
    if (entry.isFile()) found.push(path);
    else if (entry.isDirectory() && !hidden && !made.has(entry.name)) {
      found.push(...filesBelow(root, path));
    }
  }
  return found.toSorted();
}

/** Parses every file of code below these folders. What a tool writes is text or JSON: no code. */
export function parseAll(root: string, folders: readonly string[]): Source[] {
  return filesBelow(root)
    .filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .filter((path) => /\.m?[jt]s$/.test(path))
    .map((path) => parse(path, readFileSync(join(root, path), 'utf8')));
}
