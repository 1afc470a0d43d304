/**
 * The words of a text that tell what it is about. Words of alphabets are cut to a crude stem, which
 * does for most of these languages; scripts that leave no blanks between words give pairs of
 * characters. Words of code are taken apart: `readFile`, `read_file` and `read-file` are one.
 */

/** So much of a text is looked at, in UTF-16 code units. */
const textCharsMax = 8192;
/** A word of an alphabet is cut to so many letters: "parser" and "parsed" are one. */
const stemChars = 5;
/** Shorter words of alphabets say little. */
const wordCharsMin = 3;

/** Words that say nothing about the subject: of languages, of politeness, and of every task. */
const stopWords: readonly string[] = [
  'the and for are was were been being not but nor yet than then that this these those there',
  'here with without within from into onto over under about above below between through during',
  'before after again further once just only also too very more most some any all both each few',
  'other such same own can could will would shall should may might must have has had having',
  'does did doing done you your yours she her his him its our ours they them their theirs who',
  'whom whose which what when where why how because while until unless since though although',
  'whether either now okay yes yeah yep sure please thanks thank great good nice cool fine well',
  'right alright let lets make makes made making get gets got getting give given gives take',
  'takes need needs want wants like likes think know see look looks looking going goes come put',
  'keep start started continue proceed stop try tried use used using way thing things stuff',
  'something anything everything nothing one two three first second last next new old still',
  'already really actually maybe perhaps much many lot lots bit little big back show tell say',
  'said ask asked help work works working sense seems isn aren don doesn didn won wouldn couldn',
  'shouldn hasn haven wasn add create update change fix run check read write find explain',
  'implement review remove delete file files code line lines test tests der die das den dem des',
  'ein eine einen einem und oder aber nicht ist sind war auch noch nur wie wer wir ihr sie ich',
  'mir mich dir uns euch mit von vom zum zur bei auf aus nach bitte jetzt les une aux dans pour',
  'par sur avec sans pas est sont que qui quoi mais donc vous nous elle los las una uno unos',
  'del por para con sin como pero más muy ahora está son hay este esta',
].flatMap((row) => row.split(' '));

const stems: ReadonlySet<string> = new Set(stopWords.map(stem));

/** Scripts that are written without blanks, or whose words change too much to be compared whole. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]+/gu;
const words = /[\p{L}\p{M}\p{N}]+/gu;
const humps = /(\p{Ll})(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})/gu;
/** Numbers, and parts of digests. */
const notWords = /^(?:\d|[0-9a-f]{7,}$)/;
const digestCharsMin = 7;
const [letterA, letterS, digit0] = [97, 115, 48];

/** The distinct words of a text, as they are compared. A pair of characters counts half a word. */
export function topicWords(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const start = text.slice(0, textCharsMax);
  if (isAscii.test(start)) {
    takeAscii(start, found);
    return found;
  }
  const plain = start.normalize('NFKC');
  for (const [run] of plain.matchAll(unspaced)) {
    let before = '';
    for (const character of run) {
      if (before !== '') found.set(before + character, 0.5);
      before = character;
    }
  }
  // `readFile` and `HTTPServer` come apart where the case says so.
  const apart = plain.replaceAll(unspaced, ' ').replaceAll(humps, '$1$3 $2$4').toLowerCase();
  for (const [word] of apart.matchAll(words)) take(word, found);
  return found;
}

function take(word: string, found: Map<string, number>): void {
  if (word.length < wordCharsMin || notWords.test(word)) return;
  const stemmed = stem(word);
  // Those of the words that say nothing are among them.
  if (!stems.has(stemmed)) found.set(stemmed, 1);
}

const isAscii = /^[\0-\x7f]*$/;
const kind = { other: 0, lower: 1, upper: 2, digit: 3 } as const;
const kinds: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-z]/.test(character)) return kind.lower;
  if (/[A-Z]/.test(character)) return kind.upper;
  return /\d/.test(character) ? kind.digit : kind.other;
});

/**
 * The same words as the patterns above find, in one pass over text that needs no Unicode: most text
 * does not, every message comes here, and the patterns cost as much as all else of an append.
 */
function takeAscii(text: string, found: Map<string, number>): void {
  const lower = text.toLowerCase();
  const { length } = text;
  // Read once each and never behind the end: that would make every read of the loop slow.
  let from = 0;
  let here = length > 0 ? kindOf(text, 0) : kind.other;
  let next = length > 1 ? kindOf(text, 1) : kind.other;
  let behind = 0;
  // How many letters the last place where the case changed has used up, as a pattern that matched.
  let used = 0;
  for (let at = 0; at < length; at += 1) {
    behind = at + 2 < length ? kindOf(text, at + 2) : kind.other;
    if (here === kind.other) {
      takeRange(lower, from, at, found);
      from = at + 1;
    } else if (used > 0) {
      used -= 1;
    } else if (next === kind.upper) {
      const isHump = here === kind.lower || (here === kind.upper && behind === kind.lower);
      if (isHump) {
        takeRange(lower, from, at + 1, found);
        from = at + 1;
        used = here === kind.lower ? 1 : 2;
      }
    }
    here = next;
    next = behind;
  }
  takeRange(lower, from, length, found);
}

function kindOf(text: string, at: number): number {
  return kinds[text.charCodeAt(at)] ?? kind.other;
}

/**
 * Stems of texts that need no Unicode, by their letters as digits of a number; null for one that
 * says nothing. The words of a conversation come again and again, and to make a string of each, and
 * to hash it, costs more than all else.
 */
const known = new Map<number, string | null>();
const knownMax = 65_536;
/** Letters and digits of either case are 1 to 36. */
const letterBase = 37;

/** As `take`, without making the word. Digits come in front of the letters in ASCII. */
function takeRange(text: string, from: number, to: number, found: Map<string, number>): void {
  if (to - from < wordCharsMin || text.charCodeAt(from) < letterA) return;
  if (to - from >= digestCharsMin && notWords.test(text.slice(from, to))) return;
  const single = to - from > wordCharsMin && text.charCodeAt(to - 1) === letterS ? to - 1 : to;
  const end = Math.min(single, from + stemChars);
  let key = 0;
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at);
    key = key * letterBase + (code < letterA ? code - digit0 + 27 : code - letterA + 1);
  }
  let stemmed = known.get(key);
  if (stemmed === undefined) {
    if (known.size >= knownMax) known.clear();
    const letters = text.slice(from, end);
    stemmed = stems.has(letters) ? null : letters;
    known.set(key, stemmed);
  }
  if (stemmed !== null) found.set(stemmed, 1);
}

function stem(word: string): string {
  const single = word.length > wordCharsMin && word.endsWith('s') ? word.slice(0, -1) : word;
  return single.slice(0, stemChars);
}
