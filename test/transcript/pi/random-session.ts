/** Random sessions of pi, with ids and without: trees, compactions, commands, broken answers. */
import fc from '../../helpers/fast-check.ts';

const said = fc.constantFrom('hello', 'look', '', 'ß 🙂');
const call = fc.constantFrom('a', 'b', 'c', 'd', 'e').map((name) => `call_${name}`);

const part: fc.Arbitrary<unknown> = fc.oneof(
  said.map((text) => ({ type: 'text', text })),
  said.map((thinking) => ({ type: 'thinking', thinking, thinkingSignature: 'sig' })),
  call.map((id) => ({ type: 'toolCall', id, name: 'read', arguments: { path: 'a' } })),
  call.map((id) => ({ type: 'toolCall', id, name: 'bash', arguments: {}, thoughtSignature: 'x' })),
);

const stop = fc.constantFrom('stop', 'toolUse', 'toolUse', 'aborted', 'error');

/** An entry without its place in the tree. */
const body: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 3, arbitrary: said.map((content) => inMessage({ role: 'user', content })) },
  fc
    .array(
      said.map((text) => ({ type: 'text', text })),
      { minLength: 1, maxLength: 2 },
    )
    .map((content) => inMessage({ role: 'user', content })),
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), stop)
      .map(([content, stopReason]) => inMessage({ ...answer, content, stopReason })),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(call, said).map(([toolCallId, text]) => {
      const content = [{ type: 'text', text }];
      return inMessage({
        role: 'toolResult',
        toolCallId,
        toolName: 'read',
        content,
        isError: false,
      });
    }),
  },
  said.map((output) => inMessage({ role: 'bashExecution', command: 'ls', output, exitCode: 1 })),
  said.map((content) => ({ type: 'custom_message', customType: 'note', content, display: true })),
  said.map((summary) => ({ type: 'branch_summary', fromId: 'root', summary })),
  fc.constant({ type: 'model_change', provider: 'anthropic', modelId: 'claude-opus-4-5' }),
  fc.constant({ type: 'label', targetId: 'x', label: 'here' }),
  fc
    .nat({ max: 40 })
    .map((keep) => ({ type: 'compaction', summary: 'so far', keep, tokensBefore: 1 })),
);

const answer = {
  role: 'assistant',
  api: 'anthropic-messages',
  provider: 'anthropic',
  model: 'claude-opus-4-5',
};

function inMessage(message: Record<string, unknown>): Record<string, unknown> {
  return { type: 'message', message: { ...message, timestamp: 1_765_000_000_000 } };
}

const header = { id: 'ffae836b', timestamp: '2026-01-01T00:00:00.000Z', cwd: '/repo' };

/** Sessions of up to 20 entries, of version 1 or 3. */
export const randomSession: fc.Arbitrary<readonly unknown[]> = fc
  .record({
    bodies: fc.array(fc.tuple(body, fc.nat({ max: 12 })), { maxLength: 20 }),
    isLinear: fc.boolean(),
  })
  .map(({ bodies, isLinear }) => {
    const entries = bodies.map(([{ keep, ...entry }, back], at) => {
      const timestamp = new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString();
      const kept = typeof keep === 'number' ? keep % (at + 1) : null;
      const { type, ...rest } = entry;
      if (isLinear) {
        const number = kept === null ? {} : { firstKeptEntryIndex: kept + 1 };
        return { type, timestamp, ...rest, ...number };
      }
      // Mostly the entry before, now and then a branch.
      const parent = back === 0 && at > 2 ? at - 2 : at - 1;
      const parentId = parent < 0 ? null : idOf(parent);
      const first = kept === null ? {} : { firstKeptEntryId: idOf(kept) };
      return { type, id: idOf(at), parentId, timestamp, ...rest, ...first };
    });
    return [{ type: 'session', ...(isLinear ? {} : { version: 3 }), ...header }, ...entries];
  });

function idOf(at: number): string {
  return `0000${String(at).padStart(4, '0')}`;
}
