/**
 * Splits a command of the shell into simple commands, as far as it takes to see what they write: it
 * knows quotes, escapes, comments, here-documents, redirections and what separates commands. It is
 * no shell: nothing is expanded, and what stands in `$(…)`, backquotes, `$((…))`, `((…))` and
 * `[[…]]` is passed over, because a `>` there mostly compares.
 *
 * Text that no shell would take gives whatever was understood; it never throws.
 */

/** One simple command. */
export interface ShellCommand {
  /** Its words, without quotes, without redirections. */
  readonly words: readonly string[];
  /** Files that it is redirected into, as they are written there. */
  readonly outputs: readonly string[];
  /** Bodies of its here-documents. */
  readonly documents: readonly string[];
}

/** Longer commands are looked at up to here, in UTF-16 code units. */
const commandCharsMax = 65_536;

interface Draft {
  words: string[];
  outputs: string[];
  documents: string[];
}

const empty = (): Draft => ({ words: [], outputs: [], documents: [] });

/** The simple commands of a command line or script, in their order. */
export function shellCommands(text: string): readonly ShellCommand[] {
  return new Splitter(text.slice(0, commandCharsMax)).split();
}

class Splitter {
  readonly #text: string;
  #at = 0;
  #draft: Draft = empty();
  readonly #done: Draft[] = [];
  /** The word that is being read; null between words. `''` is an empty word in quotes. */
  #word: string | null = null;
  /** Where the word that ends next goes. */
  #next: 'word' | 'output' | 'input' | 'document' | 'document-tabs' = 'word';
  /** Here-documents whose bodies begin at the next line. */
  #awaited: { readonly end: string; readonly tabs: boolean; readonly of: Draft }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  split(): readonly ShellCommand[] {
    while (this.#at < this.#text.length) this.#step();
    this.#endCommand();
    return this.#done;
  }

  #step(): void {
    const { text, character } = this.#here();
    if (character === '\\') this.#escape(text[this.#at + 1]);
    else if (character === "'") this.#quoted("'");
    else if (character === '"') this.#quoted('"');
    else if (character === '$' && text[this.#at + 1] === "'") this.#dollarQuoted();
    else if (character === '$' && text[this.#at + 1] === '(') this.#passed('(', ')');
    else if (character === '$' && text[this.#at + 1] === '{') this.#passed('{', '}');
    else if (character === '`') this.#backquoted();
    else if (character === '#' && this.#word === null) this.#comment();
    else if (character === '\n') this.#endLine();
    else if (/\s/.test(character)) this.#skip(() => this.#endWord());
    else if (character === '>' || character === '<') this.#redirection(character);
    else if (character === '&' && text[this.#at + 1] === '>') this.#amp();
    else if (';|&()'.includes(character)) this.#separator(character);
    else this.#plain(character);
  }

  #here(): { readonly text: string; readonly character: string } {
    return { text: this.#text, character: this.#text[this.#at] ?? '' };
  }

  #skip(act: () => void): void {
    this.#at += 1;
    act();
  }

  #add(part: string): void {
    this.#word = (this.#word ?? '') + part;
  }

  #plain(character: string): void {
    this.#add(character);
    this.#at += 1;
    // `[[ a > b ]]` compares; the whole test is passed over.
    if (this.#word !== '[[' || !/\s/.test(this.#text[this.#at] ?? '')) return;
    const end = this.#text.indexOf(']]', this.#at);
    this.#at = end < 0 ? this.#text.length : end + 2;
  }

  #escape(next: string | undefined): void {
    this.#at += 2;
    // A backslash at the end of a line joins it with the next.
    if (next !== undefined && next !== '\n') this.#add(next);
  }

  #quoted(quote: string): void {
    let end = this.#at + 1;
    let inside = '';
    while (end < this.#text.length && this.#text[end] !== quote) {
      if (quote === '"' && this.#text[end] === '\\') end += 1;
      inside += this.#text[end] ?? '';
      end += 1;
    }
    this.#add(inside);
    this.#at = end + 1;
  }

  #dollarQuoted(): void {
    this.#at += 1;
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== "'") {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    this.#add(this.#text.slice(this.#at + 1, end));
    this.#at = end + 1;
  }

  /** A `$(…)` or `${…}`: kept in the word as it is, with what is nested in it. */
  #passed(open: string, close: string): void {
    const start = this.#at;
    let depth = 0;
    this.#at += 1;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at += 1;
      else if (character === open) depth += 1;
      else if (character === close) {
        depth -= 1;
        if (depth === 0) break;
      }
    }
    this.#at += 1;
    this.#add(this.#text.slice(start, this.#at));
  }

  #backquoted(): void {
    const end = this.#text.indexOf('`', this.#at + 1);
    const after = end < 0 ? this.#text.length : end + 1;
    this.#add(this.#text.slice(this.#at, after));
    this.#at = after;
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #amp(): void {
    this.#endWord();
    this.#at += 1;
    this.#redirection('>');
  }

  /** At a `>` or `<`; a number right before it names a descriptor and is no word. */
  #redirection(character: string): void {
    // `->` and `=>` are arrows that somebody forgot to quote.
    if (character === '>' && /[-=]$/.test(this.#word ?? ''))
      return this.#skip(() => this.#add('>'));
    if (this.#word !== null && /^\d+$/.test(this.#word)) this.#word = null;
    this.#endWord();
    const operator = /^(>>|>\||>&|>\(|<<<|<<-|<<|<&|<\(|<>|>|<)/.exec(
      this.#text.slice(this.#at, this.#at + 3),
    )?.[0];
    this.#at += operator?.length ?? 1;
    if (operator === '>(' || operator === '<(') {
      // What stands in it is a command of its own.
      this.#endCommand();
    } else if (operator === '<<') this.#next = 'document';
    else if (operator === '<<-') this.#next = 'document-tabs';
    else this.#next = character === '<' ? 'input' : 'output';
    // `>&2` and `>&-` name descriptors.
    const target =
      operator === '>&' ? /^(\d+|-)/.exec(this.#text.slice(this.#at, this.#at + 8)) : null;
    if (target === null) return;
    this.#at += target[0].length;
    this.#next = 'word';
  }

  #separator(character: string): void {
    this.#endCommand();
    this.#at += 1;
    if (character !== '(' || this.#text[this.#at] !== '(') return;
    // `(( a > b ))` calculates.
    const end = this.#text.indexOf('))', this.#at);
    this.#at = end < 0 ? this.#text.length : end + 2;
  }

  #endWord(): void {
    const word = this.#word;
    if (word === null) return;
    this.#word = null;
    const next = this.#next;
    this.#next = 'word';
    if (next === 'word') this.#draft.words.push(word);
    else if (next === 'output') this.#draft.outputs.push(word);
    else if (next !== 'input') {
      this.#awaited.push({ end: word, tabs: next === 'document-tabs', of: this.#draft });
    }
  }

  #endCommand(): void {
    this.#endWord();
    this.#next = 'word';
    const { words, outputs } = this.#draft;
    if (words.length > 0 || outputs.length > 0) this.#done.push(this.#draft);
    this.#draft = empty();
  }

  #endLine(): void {
    this.#endCommand();
    this.#at += 1;
    for (const { end, tabs, of } of this.#awaited) this.#document(end, tabs ? /^\t+/ : /^/, of);
    this.#awaited = [];
  }

  #document(last: string, indent: RegExp, of: Draft): void {
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const newline = this.#text.indexOf('\n', this.#at);
      const end = newline < 0 ? this.#text.length : newline;
      const line = this.#text.slice(this.#at, end).replace(indent, '');
      const body = this.#text.slice(start, this.#at);
      this.#at = end + 1;
      if (line !== last) continue;
      of.documents.push(body);
      return;
    }
    of.documents.push(this.#text.slice(start));
  }
}
