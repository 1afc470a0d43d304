/**
 * Reads what `strace -f -y -xx` writes: one call a line, all strings in hexadecimal. A call that others
 * interrupted stands in two lines, and counts from the first one to the second.
 */

/** One system call. */
export interface Call {
  readonly name: string;
  /** As strace prints them: `3<\x2f…>`, `"\x61…"`, `O_RDWR|O_CREAT`. */
  readonly args: readonly string[];
  /** What it returned; null when the process ended inside it. */
  readonly result: number | null;
  /** Numbers of the lines in which it began and ended; the latter is infinite without a result. */
  readonly begin: number;
  readonly end: number;
}

/** The options under which strace writes what is read here, for these calls. */
export function straceOptions(output: string, calls: readonly string[]): readonly string[] {
  const trace = `trace=${calls.join(',')}`;
  // Calls that nobody asks for are not stopped at, which halves the time.
  return [
    '-f',
    '--seccomp-bpf',
    '-y',
    '-xx',
    '-s',
    '16777216',
    '-e',
    trace,
    '-e',
    'signal=none',
    '-o',
    output,
  ];
}

/** All calls, in the order in which they began. Throws at a line that it does not understand. */
export function parseStrace(text: string): readonly Call[] {
  const calls: Call[] = [];
  /** By thread, the call that it is in. */
  const open = new Map<string, { readonly text: string; readonly begin: number }>();
  for (const [number, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? bad(line);
    if (rest.startsWith('---')) continue;
    if (rest.startsWith('+++')) {
      const left = open.get(thread);
      if (left !== undefined) calls.push(unfinished(left));
      open.delete(thread);
      continue;
    }
    const cut = /^(.*?)\s*<unfinished \.\.\.>$/.exec(rest);
    if (cut !== null) {
      open.set(thread, { text: cut[1] ?? '', begin: number });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>\s?(.*)$/.exec(rest);
    const first = open.get(thread);
    open.delete(thread);
    if (resumed === null) {
      calls.push(callOf(rest, number, number));
    } else {
      if (first === undefined) throw new Error(`Nothing is resumed by: ${line.slice(0, 200)}`);
      calls.push(callOf(`${first.text}${resumed[1] ?? ''}`, first.begin, number));
    }
  }
  for (const left of open.values()) calls.push(unfinished(left));
  return calls.toSorted((one, other) => one.begin - other.begin);
}

function callOf(text: string, begin: number, end: number): Call {
  const result = /\)\s+= (-?\d+|\?)[^=]*$/.exec(text);
  const name = /^(\w+)\(/.exec(text);
  if (result === null || name === null) return bad(text);
  const inner = text.slice(name[0].length, result.index);
  const isKnown = result[1] !== '?';
  return {
    name: name[1] ?? '',
    args: splitArgs(inner),
    result: isKnown ? Number(result[1]) : null,
    begin,
    end: isKnown ? end : Number.POSITIVE_INFINITY,
  };
}

function unfinished({ text, begin }: { readonly text: string; readonly begin: number }): Call {
  const [start = '', name = ''] = /^(\w+)\(/.exec(text) ?? bad(text);
  const args = splitArgs(text.slice(start.length));
  return { name, args, result: null, begin, end: Number.POSITIVE_INFINITY };
}

/** Commas inside of brackets separate nothing; strings hold none, because they are hexadecimal. */
function splitArgs(text: string): readonly string[] {
  const args: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') at = text.indexOf('"', at + 1);
    if (letter === '[' || letter === '{') depth += 1;
    if (letter === ']' || letter === '}') depth -= 1;
    if (letter !== ',' || depth > 0) continue;
    args.push(text.slice(from, at).trim());
    from = at + 1;
  }
  const last = text.slice(from).trim();
  return last === '' ? args : [...args, last];
}

function bad(text: string): never {
  throw new Error(`Not a line of strace: ${text.slice(0, 100)} … ${text.slice(-100)}`);
}

/** The bytes of a string argument. Refuses one that strace cut short. */
export function bytesOf(argument: string): Uint8Array {
  const hex = /^"((?:\\x[0-9a-f]{2})*)"$/.exec(argument)?.[1];
  if (hex === undefined) throw new Error(`No whole string: ${argument.slice(0, 80)}`);
  return new Uint8Array(Buffer.from(hex.replaceAll('\\x', ''), 'hex'));
}

/** A string argument as text. */
export function textOf(argument: string): string {
  return Buffer.from(bytesOf(argument)).toString('utf8');
}

/** The buffers of `writev`, joined. */
export function vectorOf(argument: string): Uint8Array {
  const parts = [...argument.matchAll(/iov_base=("[^"]*"(?:\.\.\.)?)/g)];
  return new Uint8Array(Buffer.concat(parts.map(([, part = '']) => bytesOf(part))));
}

/** The number of a descriptor argument. */
export function descriptorOf(argument: string): number {
  const number = /^\d+/.exec(argument)?.[0];
  if (number === undefined) throw new Error(`No descriptor: ${argument.slice(0, 80)}`);
  return Number(number);
}
