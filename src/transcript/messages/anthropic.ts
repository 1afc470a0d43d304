/** Messages as the Anthropic Messages API takes them: blocks are what they are here. */
import { asWords } from '../../base/deep-json.ts';
import type { ContentBlock } from '../../session/message.ts';
import { asList, asObject, asText, sameJson } from '../json-value.ts';
import { knownBlock, rawBlock } from '../known-block.ts';
import { loneBlock } from '../lone-content.ts';
import { unreadMembers } from '../unread.ts';
import type { Dialect } from './dialect.ts';
import { loneFaults } from './openai-form.ts';

/** The shape of `anthropic-messages`. */
export const anthropicDialect: Dialect = {
  system: { member: 'system', decode: systemOf, encode: systemFrom },
  blocks: 'elements',
  decode(message) {
    const content = contentOf(message['content']);
    const unread = content.length === 0 ? unreadMembers(message) : null;
    return { role: asWords(message['role']), content, ...(unread === null ? {} : { unread }) };
  },
  faults: loneFaults,
  encode: ({ role, content }) => [{ role, content: content.map(rawBlock) }],
  rewrite: (message, pieces) => ({
    before: [],
    own: { ...message, content: pieces.map(({ block }) => rawBlock(block)) },
    after: [],
  }),
};

/** A text, or a list of texts; those of Bedrock do not say that they are texts. */
function systemOf(value: unknown): readonly ContentBlock[] {
  if (value === '') return [];
  return contentOf(value).map((block) => {
    const { type, value: bare } = block as { readonly type: string; readonly value?: unknown };
    const text = type === 'unknown' ? asText(asObject(bare)?.['text']) : null;
    return text === null ? block : { type: 'text', text };
  });
}

/** Stays a text as long as it says nothing but one. */
function systemFrom(value: unknown, blocks: readonly ContentBlock[]): unknown {
  const [first] = blocks;
  const isText = typeof value === 'string' && blocks.length === 1 && first?.type === 'text';
  if (isText) return first['text'];
  const old = systemOf(value);
  const elements: readonly unknown[] = Array.isArray(value) ? value : [];
  // Blocks that stay keep their own form.
  const kept = (block: ContentBlock): number => old.findIndex((each) => sameJson(each, block));
  return blocks.map((block) => (kept(block) < 0 ? block : (elements[kept(block)] ?? block)));
}

function contentOf(content: unknown): readonly ContentBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const lone = loneBlock(content);
  return (lone === null ? asList(content) : [lone]).map(knownBlock);
}
