/** How the JSON of a file is laid out, so that what is added to it looks like the rest. */
import { laidOutJson } from '../base/deep-json.ts';
import { writtenJson } from './json-value.ts';
import { spellingOf } from './spelling.ts';

/** The layout of one value. */
export interface JsonStyle {
  /** Blanks per level; null when values stand on one line. */
  readonly indent: string | null;
  /** Blanks in front of the lines of the value itself, but for its first. */
  readonly base: string;
  /** Between a name and its value. */
  readonly colon: ':' | ': ';
  /** Between members on one line. */
  readonly comma: ',' | ', ';
  /** Between lines of a value that stands on several. */
  readonly lineEnd: '\n' | '\r\n';
}

/** As `JSON.stringify` writes it. */
export const compactStyle: JsonStyle = {
  indent: null,
  base: '',
  colon: ':',
  comma: ',',
  lineEnd: '\n',
};

/** The layout of an object or a list of which this is the text. */
export function styleOf(text: string): JsonStyle {
  const colon = /^[{[]\s*"(?:[^"\\]|\\.)*": /.test(text) ? ': ' : ':';
  const inner = /^[{[]\r?\n([ \t]*)\S/.exec(text)?.[1];
  const base = /\n([ \t]*)[\]}]$/.exec(text)?.[1] ?? '';
  if (inner === undefined || inner.length <= base.length) {
    return { ...compactStyle, colon, comma: colon === ': ' ? ', ' : ',' };
  }
  const lineEnd = /^[{[]\r\n/.test(text) ? '\r\n' : '\n';
  return { indent: inner.slice(base.length), base, colon, comma: ',', lineEnd };
}

/** The text of a value in a layout. Members that are undefined are left out. */
export function styledJson(value: unknown, style: JsonStyle): string {
  if (style.indent !== null) {
    const text = writtenJson(value, style.indent);
    const tight = /^(\s*"(?:[^"\\]|\\.)*"): /gm;
    const said = style.colon === ': ' ? text : text.replaceAll(tight, '$1:');
    return said.replaceAll('\n', style.lineEnd + style.base);
  }
  if (style.colon === ':' && style.comma === ',') return writtenJson(value);
  // On one line with blanks between, as Python writes it.
  const { colon, comma } = style;
  return laidOutJson(value, { colon, comma, replace: (one) => one, spelling: spellingOf });
}
