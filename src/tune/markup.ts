/** Text as markup. Everything that comes from outside passes through here. Pure. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that stands in an element or an attribute as it is. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** An element with attributes; the content is markup already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content = '',
): string {
  const told = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(`${value}`)}"`);
  return `<${name}${told.join('')}>${content}</${name}>`;
}

/** A table; the first cell of each row is its heading. Cells are text. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = heads.map((text) => element('th', { scope: 'col' }, escaped(text))).join('');
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((text) => element('td', {}, escaped(text)));
    return `<tr>${element('th', { scope: 'row' }, escaped(first))}${cells.join('')}</tr>`;
  });
  return (
    // What scrolls has to be reached by the keyboard as well, and then to have a name.
    `<div class="wide" tabindex="0" role="region" aria-label="${escaped(caption)}">` +
    `<table><caption>${escaped(caption)}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
  );
}
