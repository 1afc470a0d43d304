/** Messages as the Anthropic Messages API takes them: blocks are what they are here. */
import type { ContentBlock } from '../../session/message.ts';
import { asObject } from '../json-value.ts';
import { otherBlock } from './dialect.ts';
import type { Dialect } from './dialect.ts';

/** The shape of `anthropic-messages`. */
export const anthropicDialect: Dialect = {
  blocks: 'elements',
  decode: (message) => ({ role: String(message['role']), content: contentOf(message['content']) }),
  encode: ({ role, content }) => [{ role, content }],
  rewrite: (message, pieces) => ({
    before: [],
    own: { ...message, content: pieces.map(({ block }) => block) },
    after: [],
  }),
};

function contentOf(content: unknown): readonly ContentBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map((block: unknown): ContentBlock => {
    const object = asObject(block);
    if (typeof object?.['type'] === 'string')
      return otherBlock({ ...object, type: object['type'] });
    return otherBlock({ type: 'unknown', value: block });
  });
}
