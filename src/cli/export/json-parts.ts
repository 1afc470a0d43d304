/**
 * A large value as JSON, in parts: elements of lists at the top stand on lines of their own, so
 * that the whole is never one string and a line is a message.
 */
import { json } from '../text.ts';

/** The text of a list, or of an object with lists in it, part by part; it ends with a line end. */
export function* jsonParts(value: object): Generator<string> {
  if (Array.isArray(value)) yield* listParts(value, '');
  else {
    let before = '{';
    for (const [name, member] of Object.entries(value)) {
      yield `${before}\n  ${json(name)}: `;
      if (Array.isArray(member)) yield* listParts(member, '  ');
      else yield json(member);
      before = ',';
    }
    yield before === '{' ? '{}' : '\n}';
  }
  yield '\n';
}

function* listParts(list: readonly unknown[], indent: string): Generator<string> {
  let before = '[';
  for (const element of list) {
    yield `${before}\n${indent}  ${json(element)}`;
    before = ',';
  }
  yield before === '[' ? '[]' : `\n${indent}]`;
}
