/** What tests ask of a page, from inside it. Each function stands alone: it is sent there as text. */

/** How many pixels the page is wider than the window. */
export function overflow() {
  return document.documentElement.scrollWidth - innerWidth;
}

/** Opens everything that is folded. */
export function openAll() {
  for (const one of document.querySelectorAll('details')) one.open = true;
}

/** The colour behind everything. */
export function paper() {
  return getComputedStyle(document.body).backgroundColor;
}

/** Links that lead out of the page, or to no place in it. */
export function deadLinks() {
  return [...document.querySelectorAll('a')]
    .map((link) => link.getAttribute('href') ?? '')
    .filter((href) => !href.startsWith('#') || document.getElementById(href.slice(1)) === null);
}

/** The id of what has the focus; its class where it has no id. */
export function focused() {
  return document.activeElement?.id || (document.activeElement?.getAttribute('class') ?? '');
}

/** How the focus is drawn; `body` when nothing has it. */
export function focusOutline() {
  const active = document.activeElement;
  if (active === null || active === document.body) return 'body';
  return getComputedStyle(active).outlineStyle;
}

/** What a page must have none of, or one of. */
export function strangeThings() {
  const all = [...document.querySelectorAll('*')];
  return {
    elements: document.querySelectorAll('img, iframe, link, base, object, embed, form').length,
    scripts: document.querySelectorAll('script').length,
    styles: document.querySelectorAll('style').length,
    handlers: all.filter((one) =>
      [...one.attributes].some(({ name }) => name.startsWith('on') || name === 'style'),
    ).length,
  };
}

/** All text of the page. */
export function bodyText() {
  return document.body.textContent ?? '';
}

/** Violations that axe finds; axe itself must be there. */
export async function runAxe() {
  const { violations } = await globalThis.axe.run({ resultTypes: ['violations'] });
  return violations.map(({ id, nodes }) => {
    return `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`;
  });
}

/**
 * Texts whose colour has less than `ratioMin` contrast to what they stand on (WCAG 2, 1.4.3), as
 * the browser computes both; a background that is not opaque is looked through.
 */
export function poorContrasts(ratioMin) {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const made = [...canvas.getImageData(0, 0, 1, 1).data];
    known.set(text, made);
    return made;
  };
  const light = (parts) => {
    const [red, green, blue] = parts.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = colour(getComputedStyle(at).backgroundColor);
      if (ground[3] > 252) return ground;
    }
    return [255, 255, 255, 255];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element === null || node.textContent.trim() === '') continue;
    if (['SCRIPT', 'STYLE', 'title'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGElement;
    const ink = colour(isSvg ? style.fill : style.color);
    // A number in a mark stands on the circle beside it.
    const circle = isSvg ? element.parentElement.querySelector('circle') : null;
    const ground = circle === null ? groundOf(element) : colour(getComputedStyle(circle).fill);
    const [a, b] = [light(ink), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < ratioMin) {
      poor.add(`${element.tagName}.${element.getAttribute('class')}: ${ratio.toFixed(2)}`);
    }
  }
  return [...poor];
}
