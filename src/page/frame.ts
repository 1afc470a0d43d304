/**
 * The frame of a page: nothing is loaded, no script runs but ours, no form goes anywhere. The
 * policy names the digests of the style and of the script, so that even a hole in the escaping
 * could not run or load a thing. Pure.
 */
import { sha256Hex } from '../format/checksum.ts';
import { grouped } from './figures.ts';
import { element, escaped, foreign, linkTo, opened, plain } from './markup.ts';
import type { NextStep } from './report.ts';
import { pageScript } from './script.ts';
import { pageStyle } from './style/index.ts';

/** How the verdict looks. */
export type VerdictTone = 'good' | 'warning' | 'error';

/** One section of a page. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** Shown beside its name in the contents. */
  readonly count: number | null;
  /** Markup, in pieces. */
  readonly content: Iterable<string>;
}

/** A number that stands below the verdict. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly tone?: VerdictTone;
}

/** What a page is made of. */
export interface FrameInput {
  /** What kind of report this is, in two words. */
  readonly kind: string;
  readonly title: string;
  readonly path: string;
  readonly tone: VerdictTone;
  readonly told: string;
  readonly figures: readonly Figure[];
  readonly next: readonly NextStep[];
  readonly sections: readonly Section[];
}

function digest(text: string): string {
  return `'sha256-${Buffer.from(sha256Hex(text), 'hex').toString('base64')}'`;
}

/** The page, in pieces. */
export function* pageFrame(input: FrameInput): Generator<string, void> {
  yield head(input);
  yield header(input);
  for (const { id, title, content } of input.sections) {
    yield opened('section', { id, 'aria-labelledby': `${id}-title` });
    yield `<h2 id="${id}-title">${escaped(title)}</h2>\n`;
    yield* content;
    yield '</section>\n';
  }
  yield footer(input.sections);
}

function head({ title }: FrameInput): string {
  const policy =
    `default-src 'none'; script-src ${digest(pageScript)}; style-src ${digest(pageStyle)}; ` +
    "base-uri 'none'; form-action 'none'";
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(plain(title))} · Holdfast report</title>`,
    `<style>${pageStyle}</style>`,
    '</head>',
    '<body>',
    '<a class="skip" href="#main">Skip to the report</a>',
    '',
  ].join('\n');
}

const signs: Readonly<Record<VerdictTone, string>> = {
  good: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  warning: '<path d="M12 6v8M12 17.5v.5"/>',
  error: '<path d="M7 7l10 10M17 7L7 17"/>',
};

function header({ kind, title, path, tone, told, figures, next, sections }: FrameInput): string {
  const contents = sections.map(({ id, title: name, count }) => {
    const many = count === null ? '' : ` <span class="count">${grouped(count)}</span>`;
    return `<li>${linkTo(id, escaped(name) + many)}</li>`;
  });
  const numbers = figures.map(({ name, value, tone: mood }) => {
    const kindOf = mood === undefined ? '' : ` class="${mood}"`;
    return `<div><dt>${escaped(name)}</dt><dd${kindOf}>${escaped(value)}</dd></div>`;
  });
  return [
    '<header class="bar"><span class="brand">Holdfast</span>',
    `<span class="kind">${escaped(kind)}</span>`,
    '<button type="button" id="theme" class="quiet" aria-label="Change between light and ' +
      'dark">Dark</button></header>',
    '<div class="columns">',
    `<nav aria-label="Contents"><ol>${contents.join('')}</ol>`,
    '<p class="keys"><kbd>j</kbd> <kbd>k</kbd> next and previous finding<br><kbd>t</kbd> light ' +
      'or dark</p></nav>',
    '<main id="main" tabindex="-1">',
    `<h1><bdi>${foreign(title)}</bdi></h1>`,
    `<p class="path"><bdi>${foreign(path)}</bdi></p>`,
    `<div class="verdict ${tone}"><svg viewBox="0 0 24 24" aria-hidden="true">${signs[tone]}</svg>`,
    `<p>${foreign(told)}</p></div>`,
    `<dl class="figures">${numbers.join('')}</dl>`,
    `<section id="next" aria-labelledby="next-title"><h2 id="next-title">What to do next</h2>${nextHtml(next)}</section>`,
    '',
  ].join('\n');
}

function nextHtml(next: readonly NextStep[]): string {
  const items = next.map(({ why, line }) => {
    const command =
      line === null
        ? ''
        : `<div class="command"><code>${words(line)}</code>` +
          '<button type="button" class="quiet copy">Copy</button></div>';
    return `<li><p>${foreign(why)}</p>${command}</li>`;
  });
  return items.length === 1
    ? element('ul', { class: 'steps' }, items.join(''))
    : element('ol', { class: 'steps' }, items.join(''));
}

/**
 * A word that is too long for its line begins a new one: `--to` is not parted behind its dashes.
 */
function words(line: string): string {
  const parts = line.split(' ').map((word) => `<span>${foreign(word)}</span>`);
  return parts.join(' ');
}

function footer(sections: readonly Section[]): string {
  const hasTimeline = sections.some(({ id }) => id === 'timeline');
  const counting = hasTimeline
    ? ' Messages and blocks are counted from 1; in JSON, and in the errors of providers, from 0.'
    : '';
  return (
    `<footer><p>Made by <code>recover report</code>. This page loads nothing and sends nothing.${counting}</p></footer>\n` +
    `</main></div>\n<script>${pageScript}</script>\n</body>\n</html>\n`
  );
}
