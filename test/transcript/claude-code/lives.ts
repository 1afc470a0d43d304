/** Random files of Claude Code, as sessions of many kinds leave them, and random plans for them. */
import fc from '../../helpers/fast-check.ts';
import type { PlacedMessage } from '../../../src/integrity/conversation.ts';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../../src/session/message.ts';

/** What happens next in a session. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('prompt' as const), form: fc.nat(3) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      blocks: fc.array(fc.constantFrom('text', 'thinking', 'call', 'both' as const), {
        minLength: 1,
        maxLength: 4,
      }),
      results: fc.constantFrom('line', 'parallel', 'between', 'far', 'none', 'progress' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'system' as const,
        'attachment' as const,
        'queued' as const,
        'refused' as const,
        'sidechain' as const,
        'branch' as const,
        'compaction' as const,
        'preserving' as const,
        'segment' as const,
        'snapshot' as const,
      ),
    }),
  },
);

type Step =
  | { readonly kind: 'prompt'; readonly form: number }
  | {
      readonly kind: 'answer';
      readonly blocks: readonly string[];
      readonly results: string;
    }
  | { readonly kind: string };

/** The text of a session. */
export const sessions: fc.Arbitrary<string> = fc
  .record({
    steps: fc.array(step, { minLength: 1, maxLength: 14 }),
    end: fc.constantFrom('\n', '\r\n'),
    closed: fc.boolean(),
    agent: fc.nat(9),
  })
  .map(({ steps, end, closed, agent }) => {
    const life = new Life(agent === 0 ? 'sub-agent' : 'session');
    for (const one of steps) life.take(one);
    const text = life.records.map((record) => JSON.stringify(record)).join(end);
    return closed ? `${text}${end}` : text;
  });

type Json = Record<string, unknown>;

class Life {
  readonly records: Json[] = [];
  readonly #kind: 'session' | 'sub-agent';
  #last: string | null = null;
  #count = 0;

  constructor(kind: 'session' | 'sub-agent') {
    this.#kind = kind;
  }

  take(one: Step): void {
    if ('form' in one) this.#prompt(one.form);
    else if ('blocks' in one) this.#answer(one.blocks, one.results);
    else this.#other(one.kind);
  }

  /** Writes a record behind another; `aside` leaves the line where it is. */
  #write(members: Json, parent: string | null, aside: 'aside' | 'line' = 'line'): string {
    this.#count += 1;
    const uuid = `u-${this.#count}`;
    const second = String(this.#count % 60).padStart(2, '0');
    const minute = String(Math.floor(this.#count / 60)).padStart(2, '0');
    this.records.push({
      parentUuid: parent,
      isSidechain: this.#kind === 'sub-agent',
      sessionId: 's-1',
      ...members,
      uuid,
      timestamp: `2026-01-01T00:${minute}:${second}Z`,
    });
    if (aside === 'line') this.#last = uuid;
    return uuid;
  }

  #prompt(form: number): void {
    const text = `prompt ${this.#count}`;
    const block = { type: 'text', text };
    const content = [text, [block], [block, block], '[Request interrupted by user]'][form];
    this.#write({ type: 'user', message: { role: 'user', content } }, this.#last);
  }

  #answer(blocks: readonly string[], results: string): void {
    const id = `msg-${this.#count}`;
    const calls: { uuid: string; call: string }[] = [];
    const result = (of: { uuid: string; call: string }, parent: string | null): string => {
      const content = [{ type: 'tool_result', tool_use_id: of.call, content: `out ${of.call}` }];
      return this.#write({ type: 'user', message: { role: 'user', content } }, parent);
    };
    for (const kind of blocks) {
      const call = `call-${this.#count}`;
      const use = { type: 'tool_use', id: call, name: 'Bash', input: { n: 1.5 } };
      const text = {
        type: kind === 'thinking' ? kind : 'text',
        [kind === 'thinking' ? kind : 'text']: 'so',
      };
      const content = kind === 'call' ? [use] : kind === 'both' ? [text, use] : [text];
      const uuid = this.#write(
        { type: 'assistant', message: { id, role: 'assistant', model: 'm', content } },
        this.#last,
      );
      if (kind !== 'call' && kind !== 'both') continue;
      if (results === 'between') result({ uuid, call }, uuid);
      else calls.push({ uuid, call });
    }
    if (results === 'none' || results === 'between') return;
    const line = this.#last;
    for (const call of calls) {
      if (results === 'progress') this.#write({ type: 'progress', data: {} }, call.uuid);
      if (results === 'line' || results === 'progress') result(call, this.#last);
      else if (results === 'parallel' || this.#kind === 'sub-agent') result(call, call.uuid);
      else result(call, null);
    }
    if (results === 'far' && this.#kind === 'session') this.#last = line;
  }

  #other(kind: string): void {
    const last = this.#last;
    // A sub-agent is neither rewound nor does it keep messages: its last message is its end.
    if (this.#kind === 'sub-agent' && ['branch', 'preserving', 'segment'].includes(kind)) return;
    const attachment = (body: Json): string =>
      this.#write({ type: 'attachment', attachment: body }, last);
    switch (kind) {
      case 'attachment':
        attachment({ type: 'todo_reminder' });
        return;
      case 'queued':
        attachment({ type: 'queued_command', prompt: `quick ${this.#count}` });
        return;
      case 'refused': {
        const message = { role: 'assistant', model: '<synthetic>', content: [], id: 'e' };
        this.#write({ type: 'assistant', isApiErrorMessage: true, message }, last);
        return;
      }
      case 'sidechain': {
        const message = { role: 'user', content: 'aside' };
        this.#write({ type: 'user', message, isSidechain: true }, null, 'aside');
        return;
      }
      case 'branch': {
        const message = { role: 'user', content: `left ${this.#count}` };
        this.#write({ type: 'user', message }, last, 'aside');
        return;
      }
      case 'snapshot':
        this.records.push({ type: 'file-history-snapshot', messageId: last, snapshot: {} });
        return;
      case 'compaction':
      case 'preserving':
      case 'segment':
        this.#compact(kind);
        return;
      default:
        this.#write({ type: 'system', subtype: 'turn_duration' }, last);
    }
  }

  #compact(kind: string): void {
    const last = this.#last;
    const parent = this.records.find(({ uuid }) => uuid === last)?.['parentUuid'];
    const [head, tail] = [typeof parent === 'string' ? parent : last, last];
    const anchorUuid = `u-${this.#count + 2}`;
    const compactMetadata: Json = { trigger: 'auto' };
    if (last !== null && kind === 'preserving') {
      compactMetadata['preservedMessages'] = { anchorUuid, uuids: [...new Set([head, tail])] };
    }
    if (last !== null && kind === 'segment') {
      compactMetadata['preservedSegment'] = { headUuid: head, tailUuid: tail, anchorUuid };
    }
    const boundary = { type: 'system', subtype: 'compact_boundary', compactMetadata };
    this.#write({ ...boundary, logicalParentUuid: last }, null);
    const message = { role: 'user', content: `summary ${this.#count}` };
    this.#write({ type: 'user', isCompactSummary: true, message }, this.#last);
  }
}

/** A draw of numbers below a bound, from a list that fast-check makes and shrinks. */
export type Draw = (below: number) => number;

/** Numbers of which a plan is made. */
export const draws: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(9999), {
  minLength: 1,
  maxLength: 24,
});

/** A plan without contradictions for the conversation. */
export function planFor(messages: readonly PlacedMessage[], numbers: readonly number[]): Edit[] {
  let next = 0;
  const draw: Draw = (below) => (numbers[next++ % numbers.length] ?? 0) % below;
  const edits: Edit[] = [];
  const taken = new Set<string>();
  const told = { reason: 'DANGLING_TOOL_CALL', told: 'because' } as const;
  const count = 1 + draw(4);
  for (let at = 0; at < count; at += 1) {
    const message = draw(messages.length + 1);
    const here = messages[message];
    const kind = draw(5);
    if (kind === 0 || here === undefined) {
      const role = draw(2) === 0 ? 'user' : 'assistant';
      const content = [blockFor(messages, draw, role, next)];
      edits.push({ ...told, kind: 'insert-message', before: message, role, content });
      continue;
    }
    if (kind === 1) {
      if ([...taken].some((key) => key.startsWith(`${message}/`))) continue;
      taken.add(`${message}/all`);
      edits.push({ ...told, kind: 'remove-message', message });
      continue;
    }
    if (taken.has(`${message}/all`)) continue;
    const role = here.role === 'assistant' ? 'assistant' : 'user';
    const content = blockFor(messages, draw, role, next);
    const block = draw(here.content.length + (kind === 2 ? 1 : 0) || 1);
    if (kind === 2) {
      taken.add(`${message}/insert`);
      edits.push({ ...told, kind: 'insert-block', at: { message, block }, content });
      continue;
    }
    if (here.content.length === 0 || taken.has(`${message}/${block}`)) continue;
    taken.add(`${message}/${block}`);
    if (kind === 3) edits.push({ ...told, kind: 'remove-block', at: { message, block } });
    else edits.push({ ...told, kind: 'replace-block', at: { message, block }, content });
  }
  return edits;
}

function blockFor(
  messages: readonly PlacedMessage[],
  draw: Draw,
  role: 'user' | 'assistant',
  number: number,
): ContentBlock {
  if (draw(3) === 0) return { type: 'text', text: `new ${number}` };
  if (role === 'assistant')
    return { type: 'tool_use', id: `new-${number}`, name: 'Read', input: {} };
  const ids = messages.flatMap(({ content }) =>
    content.flatMap((block) => (block.type === 'tool_use' ? [String(block['id'])] : [])),
  );
  const id = ids[draw(ids.length || 1)] ?? 'nobody';
  return { type: 'tool_result', tool_use_id: id, content: 'unknown', is_error: true };
}
