/**
 * Text as markup. Everything that a transcript says passes through `foreign`: it is escaped, and
 * what a reader could not see, or what would turn the direction of the text around it, is shown by
 * its name. Pure.
 */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Characters that are not shown as they are: controls but for line end and tab, marks of direction,
 * spaces without width, tags that hide text in text, and halves of surrogate pairs.
 */
const unseen =
  /[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/u;
const special = new RegExp(`[&<>"']|${unseen.source}`, 'gu');
const unseenAll = new RegExp(unseen.source, 'gu');

/** An unseen character by its number, in the words of JSON; line ends and tabs stay. */
function nameOf(character: string): string {
  if (character === '\n' || character === '\t') return character;
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code > 255
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\x${code.toString(16).padStart(2, '0')}`;
}

/** Text of the report's own as it stands in an element or an attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Foreign text in an element; what cannot be seen is marked and named. */
export function foreign(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(special, (character) => entities[character] ?? marked(character));
}

function marked(character: string): string {
  const name = nameOf(character);
  return name === character ? name : `<span class="unseen">${name}</span>`;
}

/** Foreign text without marks: for attributes, titles and the words of a sentence. */
export function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unseenAll, nameOf);
}

/** Attributes of an element; undefined ones are left out, `true` stands alone. */
export type Attributes = Readonly<Record<string, string | number | true | undefined>>;

/** An element with attributes; the content is markup already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  return `${opened(name, attributes)}${content}</${name}>`;
}

/** The opening tag alone: for elements whose content is streamed, and for those without an end. */
export function opened(name: string, attributes: Attributes = {}): string {
  const told = Object.entries(attributes).map(([key, value]) => {
    if (value === undefined) return '';
    return value === true ? ` ${key}` : ` ${key}="${escaped(plain(String(value)))}"`;
  });
  return `<${name}${told.join('')}>`;
}

/** A link to a place of the page; the content is markup. */
export function linkTo(anchor: string, content: string, attributes: Attributes = {}): string {
  return element('a', { href: `#${anchor}`, ...attributes }, content);
}

/**
 * The beginning of a text, never half of a surrogate pair, and how many characters are left out.
 */
export function cutText(
  text: string,
  charactersMax: number,
): { readonly shown: string; readonly left: number } {
  if (text.length <= charactersMax) return { shown: text, left: 0 };
  const last = text.charCodeAt(charactersMax - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? charactersMax - 1 : charactersMax;
  return { shown: text.slice(0, end), left: text.length - end };
}

/** One line of at most so many characters, for headings and lists. */
export function oneLine(text: string, charactersMax: number): string {
  const line = text
    .slice(0, charactersMax * 4)
    .replace(/\s+/g, ' ')
    .trim();
  const { shown, left } = cutText(line, charactersMax);
  return left > 0 || text.length > charactersMax * 4 ? `${shown.trimEnd()}…` : shown;
}

/**
 * A table that may be wider than a phone: its box scrolls, and takes the focus so that keys do it.
 */
export function tableBox(name: string, table: string): string {
  return element('div', { class: 'table', role: 'group', 'aria-label': name, tabindex: 0 }, table);
}
