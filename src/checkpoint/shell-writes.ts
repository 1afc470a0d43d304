/**
 * Which files a command of the shell writes, moves or deletes, as far as it can be read off the
 * command: redirections, and the commands whose whole purpose it is. What a program does by itself
 * (a build, a test, `git commit`) is not seen.
 */
import { patchedFiles } from './patches.ts';
import { shellCommands } from './shell-words.ts';
import type { ShellCommand } from './shell-words.ts';

/** A shell that is started by a shell is looked into this deep. */
const nestingMax = 3;

/** Where nothing that is written stays. */
const sink = /^(\/dev\/(null|stdout|stderr|tty|fd\/.*|zero)|nul|\$null|-|&.*)$/i;

/** Words in front of the command that do not change what it writes. */
const prefixes = new Set(
  (
    'sudo env command time nohup exec builtin then do else if while until { ! xargs nice ' +
    'doas stdbuf setsid'
  ).split(' '),
);

const shells = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'fish']);

/** Commands whose last word is what they write. */
const lastWord = new Set(['mv', 'cp', 'ln', 'install', 'rsync', 'move-item', 'copy-item']);

/** Commands that write every file that they name. */
const everyWord = new Set(
  (
    'rm tee touch truncate unlink shred set-content add-content out-file remove-item new-item ' +
    'clear-content'
  ).split(' '),
);

/** What of `git` changes files of the working tree. */
const gitWrites = new Set(['mv', 'rm', 'apply', 'am', 'restore', 'revert', 'cherry-pick']);

/** The files, in the order in which they are written; each once. */
export function shellWrites(command: string, depth = 0): readonly string[] {
  const found = new Set<string>();
  for (const one of shellCommands(command)) {
    // Who writes `test a > b` means to compare.
    const compares = one.words[0] === 'test' || one.words[0] === '[';
    for (const path of compares ? [] : one.outputs) found.add(path);
    for (const path of writtenBy(one, depth)) found.add(path);
  }
  return [...found].filter((path) => path !== '' && !sink.test(path));
}

/** What one simple command writes, beside its redirections. */
function writtenBy({ words, documents }: ShellCommand, depth: number): readonly string[] {
  const [first = '', ...rest] = withoutPrefixes(words);
  const name = first.slice(first.lastIndexOf('/') + 1).toLowerCase();
  const files = rest.filter((word) => !word.startsWith('-'));
  if (everyWord.has(name)) return files;
  if (lastWord.has(name)) return files.slice(-1);
  if (name === 'sed' || name === 'perl') return inPlace(name, rest, files);
  if (name === 'dd') return rest.filter((w) => w.startsWith('of=')).map((w) => w.slice(3));
  if (name === 'git') return gitFiles(rest);
  if (name === 'patch') return rest.includes('--dry-run') ? [] : [files[0] ?? 'patch'];
  if (name === 'apply_patch' || name === 'applypatch') {
    return patchedFiles([...rest, ...documents].join('\n'));
  }
  if (!shells.has(name) || depth >= nestingMax) return [];
  const at = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  // A document has the line ends of all its lines.
  const inner = at < 0 ? documents.join('') : (rest[at + 1] ?? '');
  return shellWrites(inner, depth + 1);
}

/** Without assignments, `sudo` and the like, and the options of those. */
function withoutPrefixes(words: readonly string[]): readonly string[] {
  let at = 0;
  let after = false;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (prefixes.has(word)) after = true;
    else if (!/^[A-Za-z_]\w*=/.test(word) && !(after && word.startsWith('-'))) break;
  }
  return words.slice(at);
}

/** `sed -i` and `perl -pi`: the first word that is no option is the script, unless `-e` has it. */
function inPlace(
  name: 'sed' | 'perl',
  words: readonly string[],
  files: readonly string[],
): readonly string[] {
  const isInPlace = (word: string): boolean =>
    word.startsWith('--in-place') || (name === 'sed' ? /^-[nErsz]*i/ : /^-[a-z0-9]*i/).test(word);
  if (!words.some(isInPlace)) return [];
  const hasScript = words.some((word) => /^-[a-z]*e$/.test(word) || word.startsWith('--expr'));
  // A suffix of its own behind `-i`, as BSD has it, is empty or begins with a dot.
  const named = files.filter((word) => word !== '' && !/^\.\w+$/.test(word));
  // `--expression=…` is no word of its own.
  if (words.some((word) => word.startsWith('--expression='))) return named.slice(-1);
  return named.slice(hasScript && named.length > 1 ? -1 : 1).slice(-1);
}

function gitFiles(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word, i) => !word.startsWith('-') && words[i - 1] !== '-C');
  const verb = words[at] ?? '';
  const rest = words.slice(at + 1);
  const named = rest.filter((word) => !word.startsWith('-')).at(-1) ?? `git ${verb}`;
  if (rest.includes('--dry-run') || rest.includes('--cached')) return [];
  if (verb === 'restore' && rest.includes('--staged')) return [];
  if (gitWrites.has(verb)) return rest.includes('--check') ? [] : [named];
  if (verb === 'checkout') return rest.includes('--') ? [named] : [];
  return verb === 'reset' && rest.includes('--hard') ? ['git reset --hard'] : [];
}
