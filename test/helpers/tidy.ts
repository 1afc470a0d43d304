/**
 * Tidy rules about how a file reads: sizes, comments, syntax that we do without, marks, messages and the
 * names of tests. `everyRule` is the list of all rules; tidy.test.ts runs it over the project.
 */
import { child, lineAt, list, nameOf, walk } from './source.ts';
import type { Comment, Node, Source } from './source.ts';
import {
  cycles,
  deadFiles,
  globalConfinement,
  layering,
  moduleConfinement,
} from './tidy-imports.ts';
import type { Breach } from './tidy-imports.ts';

export const fileLinesMax = 400;
export const functionLinesMax = 60;
export const lineColumnsMax = 100;

const inSrc = (source: Source): boolean => source.path.startsWith('src/');

/** A breach at an offset of the file. */
function breach(source: Source, offset: number, message: string): Breach {
  return { path: source.path, line: lineAt(source.text, offset), message };
}

/** All breaches that a check finds at the nodes of a file. */
function perNode(
  source: Source,
  check: (node: Node, parent: Node | undefined) => string | undefined,
): Breach[] {
  const breaches: Breach[] = [];
  walk(source.program, (node, parent) => {
    const message = check(node, parent);
    if (message !== undefined) breaches.push(breach(source, node.start, message));
  });
  return breaches;
}

/** A file of code fits into one sitting, also one of tests or scripts: they are read as well. */
export function fileSize(source: Source): Breach[] {
  if (source.lines.length <= fileLinesMax) return [];
  const message = `has ${source.lines.length} lines, more than ${fileLinesMax}`;
  return [{ path: source.path, line: fileLinesMax + 1, message }];
}

/** A function of src fits onto one screen. A function inside another counts for both. */
export function functionSize(source: Source): Breach[] {
  if (!inSrc(source)) return [];
  return perNode(source, (node) => {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) {
      return undefined;
    }
    const lines = lineAt(source.text, node.end) - lineAt(source.text, node.start) + 1;
    const tooLong = lines > functionLinesMax;
    return tooLong ? `has ${lines} lines, more than ${functionLinesMax}` : undefined;
  });
}

/** Lines of src fit side by side with another file; only a literal or an address may stick out. */
export function lineWidth(source: Source): Breach[] {
  if (!inSrc(source)) return [];
  const literals: Node[] = [];
  walk(source.program, (node) => {
    if (node.type === 'Literal' || node.type === 'TemplateLiteral') literals.push(node);
  });
  const breaches: Breach[] = [];
  let start = 0;
  for (const text of source.text.split('\n')) {
    const edge = start + lineColumnsMax;
    const sticksOut = literals.some((literal) => literal.start < edge && literal.end > edge);
    if (text.length > lineColumnsMax && !sticksOut && !/https?:\/\//.test(text)) {
      const message = `has ${text.length} columns, more than ${lineColumnsMax}`;
      breaches.push(breach(source, start, message));
    }
    start += text.length + 1;
  }
  return breaches;
}

function openingComment(source: Source): Comment | undefined {
  const [first] = source.comments;
  const start = source.text.startsWith('#!') ? source.text.indexOf('\n') + 1 : 0;
  return first !== undefined && first.start === start && first.text.startsWith('/*')
    ? first
    : undefined;
}

/** A file of src begins by saying what it is for. */
export function opening(source: Source): Breach[] {
  if (!inSrc(source) || openingComment(source) !== undefined) return [];
  return [{ path: source.path, line: 1, message: 'does not open with a block comment' }];
}

/** The names that a top-level statement declares. */
function declared(statement: Node): string[] {
  const declaration = child(statement, 'declaration') ?? statement;
  const several = list(declaration, 'declarations').map((each) => nameOf(child(each, 'id')));
  return [nameOf(child(declaration, 'id')), ...several].filter((name) => name !== undefined);
}

/** The names that a top-level statement of this file exports; what it hands on is not counted. */
function exported(statement: Node): string[] {
  if (statement.type !== 'ExportNamedDeclaration') return [];
  if (child(statement, 'source') !== undefined) return [];
  const named = list(statement, 'specifiers').map((each) => nameOf(child(each, 'local')));
  return [...declared(statement), ...named].filter((name) => name !== undefined);
}

/** Whatever src exports has a comment of its own; the opening comment of the file is not one. */
export function documentation(source: Source): Breach[] {
  if (!inSrc(source) || source.path.endsWith('.d.ts')) return [];
  const statements = list(source.program, 'body');
  const first = openingComment(source);
  const documented = new Set<string>();
  for (const statement of statements) {
    const comment = source.comments.findLast((each) => each.end <= statement.start);
    if (comment === undefined || comment === first || !comment.text.startsWith('/**')) continue;
    const between = source.text.slice(comment.end, statement.start);
    if (between.trim() === '') for (const name of declared(statement)) documented.add(name);
  }
  const breaches = statements.flatMap((statement) =>
    exported(statement)
      .filter((name) => !documented.has(name))
      .map((name) => breach(source, statement.start, `exports ${name} without a doc comment`)),
  );
  const told = new Set<string>();
  return breaches.filter(({ message }) => !told.has(message) && told.add(message));
}

const unwanted: Readonly<Record<string, string>> = {
  TSAnyKeyword: 'uses `any`; use `unknown` and look',
  TSEnumDeclaration: 'declares an enum; use a union of literals',
  TSModuleDeclaration: 'declares a namespace; use a file',
  TSNonNullExpression: 'uses `!`; use `present` or prove it to the compiler',
  TSParameterProperty: 'declares a parameter property; declare the field',
  ExportDefaultDeclaration: 'has a default export; give it a name',
};

/** Syntax that src does without. */
export function syntax(source: Source): Breach[] {
  if (!inSrc(source)) return [];
  return perNode(source, (node) => {
    const ambient = source.path.endsWith('.d.ts') && node.type === 'TSModuleDeclaration';
    const accessibility = node['accessibility'];
    if (typeof accessibility === 'string' && node.type !== 'TSParameterProperty') {
      return `uses \`${accessibility}\`; use \`#\` for what is private`;
    }
    return ambient ? undefined : unwanted[node.type];
  });
}

const takers: ReadonlySet<unknown> = new Set(['push', 'unshift', 'splice', 'max', 'min']);

/** A list of a file may be as long as the file, and each item of a spread takes room on the stack. */
export function spreads(source: Source): Breach[] {
  if (!/^src\/(transcript|integrity|provider|page|cli)\//.test(source.path)) return [];
  return perNode(source, (node) => {
    if (node.type !== 'CallExpression') return undefined;
    if (!takers.has(nameOf(child(child(node, 'callee'), 'property')))) return undefined;
    const isSpread = list(node, 'arguments').some(({ type }) => type === 'SpreadElement');
    return isSpread ? 'spreads a list into a call; use `addAll` or `largest`' : undefined;
  });
}

/** Messages of HoldfastError are in sentence case and end without a period. */
export function errorMessages(source: Source): Breach[] {
  if (!inSrc(source)) return [];
  return perNode(source, (node) => {
    if (node.type !== 'NewExpression') return undefined;
    if (nameOf(child(node, 'callee')) !== 'HoldfastError') return undefined;
    const message = list(node, 'arguments')[1];
    if (message === undefined) return undefined;
    const written = source.text.slice(message.start, message.end);
    if (/^['"`]\s*[a-z]/.test(written)) return 'has an error message that begins in lower case';
    if (/[.!]['"`]$/.test(written)) return 'has an error message that ends with a period';
    return undefined;
  });
}

/** The title of a `test` or `it` call, also of `test.each(rows)(title)`; undefined when it is not one. */
function testTitle(source: Source, node: Node): string | undefined {
  if (node.type !== 'CallExpression') return undefined;
  let callee = child(node, 'callee');
  while (callee !== undefined && callee.type !== 'Identifier') {
    callee = child(callee, 'object') ?? child(callee, 'callee') ?? child(callee, 'tag');
  }
  const [title] = list(node, 'arguments');
  if (!/^(test|it)$/.test(nameOf(callee) ?? '') || title === undefined) return undefined;
  const isText = title.type === 'TemplateLiteral' || typeof title['value'] === 'string';
  return isText ? source.text.slice(title.start + 1, title.end - 1) : undefined;
}

/** A test is called by a sentence that begins with the symbol it is about. */
export function testNames(source: Source): Breach[] {
  if (!source.path.endsWith('.test.ts')) return [];
  return perNode(source, (node) => {
    const title = testTitle(source, node);
    if (title === undefined) return undefined;
    if (!/^[\w$%#.`-]/.test(title)) return `test "${title}" does not begin with a symbol or a word`;
    const words = title.split(/\s+/).length;
    return words < 3 ? `test "${title}" is not a sentence` : undefined;
  });
}

/** Files are named in kebab-case. */
export function fileNames(source: Source): Breach[] {
  const name = source.path.split('/').at(-1) ?? '';
  const good = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|d))?\.m?[jt]s$/.test(name);
  return good ? [] : [{ path: source.path, line: 1, message: 'is not named in kebab-case' }];
}

/** Patterns are written so that they do not match themselves. */
const marks: readonly (readonly [RegExp, string])[] = [
  [/\bFIX[M]E\b/, 'leaves work behind: mend it now'],
  [/\bTO[D]O\b(?!\([a-z][\w-]*\))/, 'has a mark without the name of what will end it'],
  [/(^|[\s'"`(=:])\/(wor[k]|roo[t]|tmp\/[b]ash)[/_]/, "names a path of somebody's machine"],
  [/shared\/tran[s]cripts/, "names a path of somebody's machine"],
];

/** No leftovers, and nothing that is true on one machine only. For any text, also of a document. */
export function leftovers(path: string, text: string): Breach[] {
  const corpus = path.startsWith('test/') && text.includes('HOLDFAST_CORPUS');
  return text
    .split('\n')
    .flatMap((line, index) =>
      marks
        .filter(([mark]) => mark.test(line) && !(corpus && mark.source.includes('shared')))
        .map(([, message]) => ({ path, line: index + 1, message })),
    );
}

/** Every rule by its name. A rule sees all files, and answers with what is wrong. */
export const everyRule: Readonly<Record<string, (sources: readonly Source[]) => Breach[]>> = {
  layering: (sources) => sources.flatMap(layering),
  cycles,
  deadFiles,
  moduleConfinement: (sources) => sources.flatMap(moduleConfinement),
  globalConfinement: (sources) => sources.flatMap(globalConfinement),
  fileSize: (sources) => sources.flatMap(fileSize),
  functionSize: (sources) => sources.flatMap(functionSize),
  lineWidth: (sources) => sources.flatMap(lineWidth),
  opening: (sources) => sources.flatMap(opening),
  documentation: (sources) => sources.flatMap(documentation),
  syntax: (sources) => sources.flatMap(syntax),
  spreads: (sources) => sources.flatMap(spreads),
  errorMessages: (sources) => sources.flatMap(errorMessages),
  testNames: (sources) => sources.flatMap(testNames),
  fileNames: (sources) => sources.flatMap(fileNames),
};
