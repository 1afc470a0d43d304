/**
 * Does a command line of a shell write files? A reading of it that is good enough for restore
 * points: redirections outside of quotes, and commands that are there to change files. It knows
 * quotes, here-documents, comments and tests; it does not expand anything.
 */

/** Targets of a redirection that are no files. */
const noFiles = /^(?:\/dev\/(?:null|stdout|stderr|tty|fd\/\d+)|&|\()/;

/** Commands whose purpose is to change files. */
const changing =
  /^(?:tee(?! *$)|mv|cp|rm|touch|truncate|patch|apply_patch|ln|install|rsync|dd\b.*\bof=)(?:\s|$)/;
const inPlace = /^(?:g?sed|perl|ruby)\s+(?:.*\s)?(?:-[a-z]*i|--in-place)/;
const gitChanging =
  /^git\s+(?:apply|am|checkout\s+(?:\S+\s+)?--|restore|stash|reset\s+--hard|revert|mv|rm)(?:\s|$)/;

/** True when it writes, as far as can be told. */
export function writesFile(command: string): boolean {
  const { commands, targets } = read(withoutHereDocuments(command));
  if (targets.some((target) => target !== '' && !noFiles.test(target))) return true;
  return commands.some((one) => {
    const plain = one
      .trim()
      .replace(/^(?:(?:sudo|env|time|nohup|command|then|do|else|!)\s+|\w+=\S*\s+)+/, '');
    if (/^tee\s+(?:-\w+\s+)*\/dev\/null/.test(plain)) return false;
    return changing.test(plain) || inPlace.test(plain) || gitChanging.test(plain);
  });
}

/** The lines of a here-document are text; the line that begins it stays. */
function withoutHereDocuments(command: string): string {
  const lines = command.split('\n');
  const kept: string[] = [];
  let end: string | null = null;
  for (const line of lines) {
    if (end !== null) {
      if (line.trim() === end) end = null;
      continue;
    }
    kept.push(line);
    end = /<<-?\s*(['"]?)(\w+)\1/.exec(line)?.[2] ?? null;
  }
  return kept.join('\n');
}

/** The simple commands of a line with their quoted parts blanked, and where redirections lead. */
function read(command: string): { readonly commands: string[]; readonly targets: string[] } {
  const commands: string[] = [];
  const targets: string[] = [];
  let current = '';
  let quote: string | null = null;
  /** Inside of `[[ … ]]` or `(( … ))`, where `>` compares. */
  let testing: string | null = null;
  for (let at = 0; at < command.length; at += 1) {
    const char = command[at] ?? '';
    const pair = command.slice(at, at + 2);
    if (quote !== null) {
      if (char === '\\' && quote === '"') at += 1;
      else if (char === quote) quote = null;
      continue;
    }
    if (testing !== null) {
      if (pair !== testing) continue;
      testing = null;
      at += 1;
    } else if (char === '\\') {
      at += 1;
    } else if (char === "'" || char === '"' || char === '`') {
      quote = char;
      current += '_';
    } else if (char === '#' && /(?:^|\s)$/.test(current)) {
      while (at < command.length && command[at] !== '\n') at += 1;
      commands.push(current);
      current = '';
    } else if (pair === '[[' || pair === '((') {
      testing = pair === '[[' ? ']]' : '))';
      at += 1;
    } else if (char === '>') {
      const before = command[at - 1] ?? '';
      const start = /^>?[>|]?\s*/.exec(command.slice(at))?.[0].length ?? 1;
      const target = /^["']?([^\s;|"']*)/.exec(command.slice(at + start))?.[1] ?? '';
      // `->` and `=>` are text that somebody forgot to quote; `2>` is a log of errors.
      if (!'-=2<'.includes(before) || before === '') targets.push(target);
      at += Math.max(0, start - 1);
    } else if (char === ';' || char === '\n' || char === '|' || char === '&') {
      if (char === '&' && command[at + 1] === '>') continue;
      commands.push(current);
      current = '';
    } else {
      current += char;
    }
  }
  commands.push(current);
  return { commands, targets };
}
