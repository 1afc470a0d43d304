/** The plan of a repair as exact changes, of messages and of bytes, and what it costs. Pure. */
import type { PlacedMessage } from '../integrity/conversation.ts';
import { messageOf } from '../integrity/plan/edit.ts';
import type { Edit } from '../integrity/plan/edit.ts';
import type { ContentBlock } from '../session/message.ts';
import { unreachable } from '../base/assert.ts';
import { bytesText } from './bytes-text.ts';
import { diffHtml, diffLines } from './diff.ts';
import type { DiffLine } from './diff.ts';
import { counted, fileWord, grouped, messageWord, sizeText } from './figures.ts';
import { asFound } from '../integrity/plan/shapes.ts';
import { jsonText } from './json-text.ts';
import type { PageLimits } from './limits.ts';
import { cutText, element, escaped, foreign, linkTo } from './markup.ts';
import type { ByteMend, Loss, ReportedPlan } from './report.ts';

/** What stands in the conversation where an edit changes it; as text that is cut at the bound. */
export type Originals = ReadonlyMap<number, string>;

/** What each edit takes away, by its number in the plan; one walk over the conversation. */
export function originalsOf(
  edits: readonly Edit[],
  conversation: () => Iterable<PlacedMessage>,
  limits: PageLimits,
): Originals {
  const wanted = new Map<number, number[]>();
  for (const [index, edit] of edits.slice(0, limits.edits).entries()) {
    if (edit.kind === 'insert-message' || edit.kind === 'insert-block') continue;
    const message = messageOf(edit);
    wanted.set(message, [...(wanted.get(message) ?? []), index]);
  }
  const originals = new Map<number, string>();
  if (wanted.size === 0) return originals;
  let number = 0;
  for (const message of conversation()) {
    for (const index of wanted.get(number) ?? []) {
      const edit = edits[index];
      if (edit !== undefined) originals.set(index, shortened(originalText(edit, message), limits));
    }
    number += 1;
  }
  return originals;
}

function originalText(edit: Edit, { role, content }: PlacedMessage): string {
  if (edit.kind === 'remove-message') return messageText(role, content);
  if (edit.kind === 'insert-message') return '';
  const block = content[edit.at.block];
  return block === undefined ? '(no such block)' : jsonText(asFound(block));
}

function messageText(role: string, content: readonly ContentBlock[]): string {
  return jsonText({ role, content: content.map(asFound) });
}

function shortened(text: string, limits: PageLimits): string {
  const { shown, left } = cutText(text, limits.edit);
  // The copy lets go of the whole text.
  return left === 0 ? text : `${Buffer.from(shown).toString()}\n… ${grouped(left)} more characters`;
}

/** The plan; `edits` have anchors `e1`, `e2`, ... */
export function planHtml(
  plan: ReportedPlan,
  originals: Originals,
  limits: PageLimits,
  places: { readonly messages: number; readonly link: (message: number) => string | null },
): string {
  const edits = plan.edits.slice(0, limits.edits).map((edit, index) => {
    return editHtml(edit, index + 1, diffOf(edit, originals.get(index) ?? null, limits), places);
  });
  const mends = plan.mends.slice(0, limits.edits).map(mendHtml);
  const left = plan.edits.length + plan.mends.length - edits.length - mends.length;
  if (left > 0)
    edits.push(`<li class="left-out">${counted(left, 'more edit')} not in this page.</li>`);
  return [
    plan.lost.length === 0
      ? `<p class="keeps">${keepsWords(plan)}</p>`
      : lostHtml('What is lost', plan.lost, limits),
    plan.unmended.length === 0 ? '' : lostHtml('What it cannot mend', plan.unmended, limits),
    edits.length === 0
      ? ''
      : `<h3>In the conversation</h3><ol class="edits">${edits.join('\n')}</ol>`,
    mends.length === 0 ? '' : `<h3>In the bytes</h3><ol class="edits">${mends.join('\n')}</ol>`,
  ].join('\n');
}

function keepsWords({ mends }: ReportedPlan): string {
  if (mends.every(({ lost }) => lost === undefined)) {
    return 'It takes away nothing.';
  }
  return 'Of the conversation it takes nothing away. Of the bytes it takes away what is lost for good.';
}

function lostHtml(title: string, lost: readonly Loss[], limits: PageLimits): string {
  const items = lost.slice(0, limits.rows).map(({ messageIndex, told, text, place }) => {
    const inFile = place === undefined || place === null ? null : fileWord(place);
    const word = messageIndex === null ? inFile : messageWord(messageIndex);
    const where =
      word === null ? '' : `<span class="where">${foreign(cutText(word, 60).shown)}</span> `;
    const content =
      text === null
        ? ''
        : element('pre', { class: 'raw', dir: 'auto' }, foreign(cutText(text, limits.tool).shown));
    return `<li>${where}${foreign(told)}${content}</li>`;
  });
  const left = lost.length - items.length;
  if (left > 0) items.push(`<li>${counted(left, 'more')} not in this page.</li>`);
  return `<div class="lost"><h3>${title}</h3><ul>${items.join('')}</ul></div>`;
}

function diffOf(edit: Edit, original: string | null, limits: PageLimits): readonly DiffLine[] {
  const after = (): string | null => {
    switch (edit.kind) {
      case 'insert-message':
        return shortened(messageText(edit.role, edit.content), limits);
      case 'insert-block':
      case 'replace-block':
        return shortened(jsonText(edit.content), limits);
      case 'remove-message':
      case 'remove-block':
        return null;
      default:
        return unreachable(edit);
    }
  };
  return diffLines(original, after());
}

const kindWords: Readonly<Record<Edit['kind'], string>> = {
  'insert-message': 'Insert a message in front of',
  'remove-message': 'Remove',
  'insert-block': 'Insert a block into',
  'remove-block': 'Remove a block of',
  'replace-block': 'Replace a block of',
};

function editHtml(
  edit: Edit,
  number: number,
  diff: readonly DiffLine[],
  { messages, link }: Parameters<typeof planHtml>[3],
): string {
  // Behind the last message stands none that an insertion could be in front of.
  const isEnd = edit.kind === 'insert-message' && messageOf(edit) >= messages && messages > 0;
  const message = isEnd ? messages - 1 : messageOf(edit);
  const anchor = link(message);
  const name = messageWord(message);
  const where = anchor === null ? name : linkTo(anchor, name);
  const block = 'at' in edit ? `, block ${edit.at.block + 1}` : '';
  return element(
    'li',
    { id: `e${number}`, class: 'edit' },
    `<header><b>${isEnd ? 'Insert a message behind' : kindWords[edit.kind]} ${where}${block}</b>` +
      `<code class="code">${escaped(edit.reason)}</code></header>` +
      `<p dir="auto">${foreign(cutText(edit.told, 1200).shown)}</p>${diffHtml(diff)}`,
  );
}

/** Bytes as they stand, with signs for those that are no letters. */
function mendHtml({ offset, length, removed, added, told, lost }: ByteMend): string {
  const what =
    length === 0
      ? `Insert ${counted(added.length, 'byte')} at byte ${grouped(offset)}`
      : `${added.length === 0 ? 'Take out' : 'Replace'} ${sizeText(length)} at byte ${grouped(offset)}`;
  const more = length - removed.length;
  const left = more > 0 ? `\n… ${counted(more, 'more byte')}` : '';
  const before = length === 0 ? null : bytesText(removed) + left;
  const diff = diffLines(before, added.length === 0 ? null : bytesText(added));
  const why = told === undefined ? '' : `<p dir="auto">${foreign(told)}</p>`;
  const gone = lost === undefined ? '' : '<span class="tag error">lost for good</span>';
  return `<li class="edit"><header><b>${what}</b>${gone}</header>${why}${diffHtml(diff)}</li>`;
}
