/** Reasoning of opencode: what the provider needs back stands in the metadata, by provider. */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, textOf } from '../json-value.ts';

/** The block of a part of reasoning; null for every other part. */
export function reasoningBlock(part: JsonObject): ContentBlock | null {
  if (part['type'] !== 'reasoning') return null;
  const text = textOf(part, 'text') ?? '';
  const metadata = asObject(part['metadata']);
  const anthropic = asObject(metadata?.['anthropic'] ?? metadata?.['bedrock']);
  const redacted = textOf(anthropic, 'redactedData');
  if (redacted !== null)
    return { type: 'redacted_thinking', data: redacted } as unknown as ContentBlock;
  const openai = asObject(metadata?.['openai'] ?? metadata?.['azure']);
  const encrypted = textOf(openai, 'reasoningEncryptedContent');
  if (encrypted !== null) {
    const summary = text === '' ? [] : [{ type: 'summary_text', text }];
    const id = textOf(openai, 'itemId');
    const item = { type: 'reasoning', summary, encrypted_content: encrypted };
    return (id === null ? item : { ...item, id }) as unknown as ContentBlock;
  }
  const signature = textOf(anthropic, 'signature');
  const google = textOf(asObject(metadata?.['google'] ?? metadata?.['vertex']), 'thoughtSignature');
  return {
    type: 'thinking',
    thinking: text,
    ...(signature === null ? {} : { signature }),
    ...(google === null ? {} : { thought_signature: google }),
  };
}
