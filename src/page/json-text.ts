/**
 * Values of a transcript as indented JSON, of bounded length and depth: a hostile record may be
 * nested a million deep, or hold a gigabyte. Pure.
 */

/** Deeper than this is told, not shown. */
const depthMax = 40;
/** Characters, about; what is shown of a value is far less. */
const charactersMax = 1_000_000;

/** The JSON; bytes are told by their number, and what is beyond the bounds by a sign. */
export function jsonText(value: unknown): string {
  const parts: string[] = [];
  let left = charactersMax;
  const put = (text: string): void => {
    parts.push(text);
    left -= text.length;
  };
  const print = (one: unknown, depth: number): void => {
    if (left <= 0) put('…');
    else if (typeof one !== 'object' || one === null) put(scalar(one, left));
    else if (one instanceof Uint8Array) put(`(${one.length} bytes)`);
    else if (depth >= depthMax) put('(nested too deeply to be shown)');
    else printMembers(one, depth);
  };
  const printMembers = (all: object, depth: number): void => {
    const list: readonly unknown[] | null = Array.isArray(all) ? all : null;
    const members = all as Readonly<Record<string, unknown>>;
    const names = list === null ? Object.keys(all).filter((key) => members[key] !== undefined) : [];
    const count = list?.length ?? names.length;
    const [open, close] = list === null ? ['{', '}'] : ['[', ']'];
    if (count === 0) return put(open + close);
    const pad = `\n${'  '.repeat(depth + 1)}`;
    put(open);
    for (let index = 0; index < count; index += 1) {
      const name = names[index] ?? '';
      const head = list === null ? `${JSON.stringify(name)}: ` : '';
      put(`${index === 0 ? '' : ','}${pad}${head}`);
      print(list === null ? members[name] : list[index], depth + 1);
      if (left > 0) continue;
      put(`${pad}… ${count - index - 1} more`);
      break;
    }
    put(`\n${'  '.repeat(depth)}${close}`);
  };
  print(value, 0);
  return parts.join('');
}

function scalar(value: unknown, left: number): string {
  if (typeof value === 'string') {
    return value.length <= left
      ? JSON.stringify(value)
      : `${JSON.stringify(value.slice(0, left))}…`;
  }
  return JSON.stringify(value) ?? String(value);
}
