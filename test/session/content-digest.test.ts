/** The content digest is a promise to the outside: its values are fixed for ever. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { emptyDigest, nextDigest } from '../../src/session/content-digest.ts';
import type { Message } from '../../src/session/message.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const digestOf = (...messages: Message[]): string => messages.reduce(nextDigest, emptyDigest);

it('emptyDigest and nextDigest keep their values', () => {
  // Computed by another program, in another language, from the description alone.
  expect(emptyDigest).toBe('1eea0f8c1d4244b68a9a708b9b8495b307fcf6c32fadfe1806523bdc9f371cdf');
  expect(digestOf({ role: 'user', content: 'hi' })).toBe(
    '5b0e34e338a2dc4d4940f4b5dd1ae4e1115c05373831d2d0db4a01dca636bd14',
  );
  expect(
    digestOf(
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'é😀\ud83d', cache: { z: 1, a: [true, null] } },
          { type: 'image', source: { data: new Uint8Array([1, 2, 3]) } },
          { type: 'tool_use', id: 'call_1', name: 'read', input: { limit: 1e21, __proto: '' } },
        ],
      },
    ),
  ).toBe('3be2f45d77db2423b59a523020c8cf28806dc9dcb69487111de37324bf6c703d');
});

it('nextDigest can be computed by anyone, as it is written down', () => {
  const start = sha256('holdfast.content/1');
  expect(digestOf({ role: 'user', content: 'hi' })).toBe(
    sha256(`${start}\n{"content":"hi","role":"user"}`),
  );
});

it('nextDigest covers role, order, and every field of every block', () => {
  const block = { type: 'text', text: 'hi' } as const;
  const digests = [
    digestOf({ role: 'user', content: 'hi' }),
    digestOf({ role: 'assistant', content: 'hi' }),
    digestOf({ role: 'user', content: [block] }),
    digestOf({ role: 'user', content: [{ ...block, unknown: 1 }] }),
    digestOf({ role: 'user', content: [block, block] }),
    digestOf({ role: 'user', content: [block] }, { role: 'user', content: 'hi' }),
    digestOf({ role: 'user', content: 'hi' }, { role: 'user', content: [block] }),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

it('nextDigest does not cover what stands beside the content', () => {
  const message = { role: 'user', content: 'hi' };
  const more = { ...message, id: 'm1', timestamp: 5, model: 'x', usage: { tokens: 1 }, extra: [] };
  expect(digestOf(more)).toBe(digestOf(message));
});
