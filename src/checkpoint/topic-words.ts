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
const stopWords: ReadonlySet<string> = new Set(
  [
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
  ].flatMap((row) => row.split(' ')),
);

const stems: ReadonlySet<string> = new Set([...stopWords].map(stem));

/** Scripts that are written without blanks, or whose words change too much to be compared whole. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]+/gu;
const words = /[\p{L}\p{M}\p{N}]+/gu;
const humps = /(\p{Ll})(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})/gu;
/** Numbers, and parts of digests. */
const notWords = /^(?:\d|[0-9a-f]{7,}$)/;

/** The distinct words of a text, as they are compared. A pair of characters counts half a word. */
export function topicWords(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const plain = text.slice(0, textCharsMax).normalize('NFKC');
  for (const [run] of plain.matchAll(unspaced)) {
    let before = '';
    for (const character of run) {
      if (before !== '') found.set(before + character, 0.5);
      before = character;
    }
  }
  // `readFile` and `HTTPServer` come apart where the case says so.
  const apart = plain.replaceAll(unspaced, ' ').replaceAll(humps, '$1$3 $2$4').toLowerCase();
  for (const [word] of apart.matchAll(words)) {
    if (word.length < wordCharsMin || notWords.test(word) || stopWords.has(word)) continue;
    const stemmed = stem(word);
    if (!stems.has(stemmed)) found.set(stemmed, 1);
  }
  return found;
}

function stem(word: string): string {
  const single = word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word;
  return single.slice(0, stemChars);
}
