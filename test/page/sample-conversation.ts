/** Conversations for samples of the page, and reports about them whose counts fit. */
import type { PlacedMessage, Place } from '../../src/integrity/conversation.ts';
import type { TranscriptFinding } from '../../src/integrity/finding.ts';
import type { TranscriptPageInput } from '../../src/page/transcript-page.ts';
import type { TranscriptReport } from '../../src/page/report.ts';
import type { ContentBlock } from '../../src/session/message.ts';

/** Gives messages places as a file of one record a line would have them. */
export class Conversation {
  readonly messages: PlacedMessage[] = [];
  #offset = 0;
  #record = 0;

  /** Bytes so far. */
  get bytes(): number {
    return this.#offset;
  }

  add(role: string, content: readonly ContentBlock[], model: string | null = null): this {
    const places = content.map((block) => this.#place(JSON.stringify(block).length + 380));
    const place = places[0] ?? this.#place(300);
    this.messages.push({ role, content, place, places, model });
    return this;
  }

  /** Bytes that belong to no message. */
  skip(bytes: number): this {
    this.#place(bytes);
    return this;
  }

  user(text: string): this {
    return this.add('user', [{ type: 'text', text }]);
  }

  assistant(...content: ContentBlock[]): this {
    return this.add('assistant', content, 'claude-opus-4-1');
  }

  result(id: string, content: string, isError = false): this {
    const error = isError ? { is_error: true } : {};
    return this.add('user', [{ type: 'tool_result', tool_use_id: id, content, ...error }]);
  }

  #place(length: number): Place {
    const offset = this.#offset;
    this.#offset += length + 1;
    this.#record += 1;
    const id = `7f3a${String(this.#record).padStart(4, '0')}-c0de`;
    return { record: this.#record - 1, offset, length, line: this.#record, id };
  }
}

/** A call of a tool. */
export function call(id: string, name: string, input: unknown): ContentBlock {
  return { type: 'tool_use', id, name, input };
}

/** Words. */
export function text(words: string): ContentBlock {
  return { type: 'text', text: words };
}

/** A finding at a block. */
export function finding(
  code: TranscriptFinding['code'],
  severity: TranscriptFinding['severity'],
  told: Partial<TranscriptFinding> & Pick<TranscriptFinding, 'meaning'>,
): TranscriptFinding {
  return {
    code,
    severity,
    place: null,
    messageIndex: null,
    blockIndex: null,
    callId: null,
    fix: null,
    ...told,
  };
}

/** A report with counts that fit. */
export function reportOf(
  conversation: Conversation,
  told: Partial<TranscriptReport>,
): TranscriptReport {
  const { messages, bytes } = conversation;
  const blocks = messages.flatMap(({ content }) => content);
  const results = new Set(
    blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : [])),
  );
  const calls = blocks.filter(({ type }) => type === 'tool_use');
  const findings = told.findings ?? [];
  const count = (severity: string): number =>
    findings.filter((one) => one.severity === severity).length;
  return {
    schema: 'holdfast.transcript-report/1',
    path: '/home/ada/.claude/projects/-home-ada-ledger/5f1c7a52-9a40-4d5e-8c63-0b7d9b1d2e11.jsonl',
    format: 'claude-code',
    profile: 'anthropic',
    verdict: 'clean',
    told: 'This session is sound: every provider rule holds and no byte is damaged.',
    facts: {
      sessionId: '5f1c7a52-9a40-4d5e-8c63-0b7d9b1d2e11',
      title: null,
      cwd: '/home/ada/ledger',
      version: '2.1.42',
      model: 'claude-opus-4-1',
    },
    findings,
    sides: [],
    plan: null,
    unplanned: null,
    restorePoints: [],
    next: [{ why: 'Nothing has to be done. The session can go on where it stands.', line: null }],
    ...told,
    counts: {
      bytes,
      records: messages.length,
      messages: messages.length,
      turns: messages.filter(({ role, content }) => role === 'user' && content[0]?.type === 'text')
        .length,
      calls: calls.length,
      unanswered: calls.filter(({ id }) => !results.has(String(id))).length,
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
      ...told.counts,
    },
  };
}

/** What a page is made of. */
export function input(
  conversation: Conversation,
  told: Partial<TranscriptReport>,
): TranscriptPageInput {
  return { report: reportOf(conversation, told), conversation: () => conversation.messages };
}
