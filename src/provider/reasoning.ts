/**
 * Reasoning as parts of the AI SDK: the words, and what the provider needs back in the options that
 * are named after it. Pure.
 */
import { isSignature } from '../integrity/rules/thinking.ts';
import type { ContentBlock } from '../session/message.ts';

/** Members by the name of the provider that reads them. */
export type AiProviderOptions = Record<string, Record<string, string>>;

/** Reasoning of the model. */
export interface AiReasoning {
  type: 'reasoning';
  text: string;
  providerOptions?: AiProviderOptions;
}

/** The reasoning that a block holds; null for a block that holds none. */
export function reasoningOf(block: ContentBlock): AiReasoning | null {
  const fields = block as Readonly<Record<string, unknown>>;
  switch (block.type) {
    case 'thinking': {
      const { thinking, signature, thought_signature: thought } = fields;
      if (typeof thinking !== 'string') return null;
      const anthropic = isSignature(signature) ? { anthropic: { signature } } : {};
      const google = isSignature(thought) ? { google: { thoughtSignature: thought } } : {};
      return withOptions(thinking, { ...anthropic, ...google });
    }
    case 'redacted_thinking': {
      const { data } = fields;
      return isSignature(data) ? withOptions('', { anthropic: { redactedData: data } }) : null;
    }
    case 'reasoning': {
      const { id, summary, encrypted_content: encrypted } = fields;
      const item = typeof id === 'string' ? { itemId: id } : {};
      const content = isSignature(encrypted) ? { reasoningEncryptedContent: encrypted } : {};
      const openai = { ...item, ...content };
      const texts = Array.isArray(summary) ? summary.flatMap(summaryText) : [];
      return withOptions(texts.join('\n\n'), Object.keys(openai).length > 0 ? { openai } : {});
    }
    default:
      return null;
  }
}

function withOptions(text: string, providerOptions: AiProviderOptions): AiReasoning {
  const part: AiReasoning = { type: 'reasoning', text };
  if (Object.keys(providerOptions).length > 0) part.providerOptions = providerOptions;
  return part;
}

function summaryText(value: unknown): readonly string[] {
  const { text } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof text === 'string' ? [text] : [];
}
