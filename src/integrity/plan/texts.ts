/** Texts that the profile takes: no half characters, and something to see in each. */
import { isWellFormed, toWellFormed } from '../../format/well-formed.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { Why } from './draft.ts';
import type { Pass } from './pass.ts';
import { heldIn } from './runs.ts';
import { isBlankText, isCall, isResult, member, textMember, withMembers } from './shapes.ts';

const halves: Why = {
  reason: 'LONE_SURROGATE',
  told: 'Half of a character becomes U+FFFD, the sign for one that is lost.',
};

/**
 * Puts U+FFFD in place of half characters, in values and names of members. Ids of calls are left to
 * the pass that changes them on both ends. A thought that had one was never signed as it stands.
 */
export const mendHalfCharacters: Pass = ({ draft }) => {
  for (const { block } of heldIn(draft.messages)) {
    const { content } = block;
    if (isWhole(content)) continue;
    const ids = isCall(content) ? ['id'] : isResult(content) ? ['tool_use_id'] : [];
    const { rest, kept } = apart(content, ids);
    if (isWhole(rest)) continue;
    const signature = content.type === 'thinking' ? { signature: undefined } : {};
    const mended = { ...(mend(rest) as ContentBlock), ...kept };
    draft.replace(block, withMembers(mended as ContentBlock, signature), halves);
  }
};

function apart(content: ContentBlock, names: readonly string[]): Record<'rest' | 'kept', object> {
  const entries = Object.entries(content);
  return {
    rest: Object.fromEntries(entries.filter(([name]) => !names.includes(name))),
    kept: Object.fromEntries(entries.filter(([name]) => names.includes(name))),
  };
}

/** Without recursion: foreign arguments may be nested deeper than the stack is. */
function isWhole(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') {
      if (!isWellFormed(next)) return false;
    } else if (typeof next === 'object' && next !== null && !(next instanceof Uint8Array)) {
      for (const [name, part] of Object.entries(next)) open.push(name, part);
    }
  }
  return true;
}

/** A copy without halves; what is inside is copied later, with no recursion here either. */
function mend(root: unknown): unknown {
  const whole = { root };
  const left: (readonly [whole: object, name: string])[] = [[whole, 'root']];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [holder, name] = next as readonly [Record<string, unknown>, string];
    const value = holder[name];
    if (typeof value === 'string') holder[name] = toWellFormed(value);
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    const copy = Array.isArray(value)
      ? [...(value as readonly unknown[])]
      : Object.fromEntries(
          Object.entries(value).map(([said, part]) => [toWellFormed(said), part as unknown]),
        );
    holder[name] = copy;
    for (const part of Object.keys(copy)) left.push([copy, part]);
  }
  return whole.root;
}

const blank: Why = { reason: 'EMPTY_TEXT', told: 'A text without a visible character goes.' };

/** Takes out texts without a visible character, where they are refused; in results as well. */
export const dropBlankTexts: Pass = ({ draft, needs }) => {
  for (const { message, block } of heldIn(draft.messages)) {
    const { content } = block;
    const isNoText = content.type === 'text' && textMember(content, 'text') === null;
    if (isNoText || (needs.visibleTexts && isBlankText(content))) {
      draft.takeOut(message, block, blank, 'kept');
    }
    const parts = isResult(content) ? member(content, 'content') : null;
    if (!needs.visibleTexts || !Array.isArray(parts)) continue;
    const visible = (parts as readonly ContentBlock[]).filter((part) => !isBlankText(part));
    if (visible.length === parts.length) continue;
    draft.replace(block, withMembers(content, { content: visible }), blank);
  }
};

/** Gives a text to results that tell of an error and say nothing, where that is refused. */
export const voiceErrors: Pass = ({ draft, needs }) => {
  if (!needs.errorTexts) return;
  for (const { block } of heldIn(draft.messages)) {
    const { content } = block;
    if (!isResult(content) || member(content, 'is_error') !== true) continue;
    const said = member(content, 'content');
    if (said !== undefined && said !== '' && !(Array.isArray(said) && said.length === 0)) continue;
    const voiced = withMembers(content, { content: '[The tool failed and said nothing.]' });
    const told = 'A result tells of an error without a word; it says so now.';
    draft.replace(block, voiced, { reason: 'EMPTY_TEXT', told });
  }
};
