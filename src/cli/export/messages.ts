/** Messages of a session as they are, one a line, or as a document for reading. */
import { isCut } from '../../session/cuts.ts';
import type { Session } from '../../store/api.ts';
import { gapText } from '../../store/gaps.ts';
import type { Gap } from '../../store/gaps.ts';
import { messageMarkdown } from '../markdown.ts';
import { json } from '../text.ts';

/** The schema of lines with `--json`. */
export const exportSchema = 'holdfast.export/1';

/** What was written. */
export interface Written {
  readonly messages: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
}

/** Writes the messages in order; holds one of them at a time. */
export async function writeMessages(
  task: {
    readonly session: Session;
    readonly format: 'jsonl' | 'markdown';
    /** Each message in an object of its own, with its sequence. */
    readonly wrapped: boolean;
    readonly includeCut: boolean;
    /** Where entries are lost, ascending. */
    readonly gaps: readonly Gap[];
    readonly signal: AbortSignal;
  },
  write: (text: string) => Promise<void>,
  reader: { readonly gone: AbortSignal } | null = null,
): Promise<Written> {
  const { session, format, wrapped, includeCut, signal } = task;
  const gaps = format === 'markdown' ? [...task.gaps] : [];
  const { cuts } = session.state;
  let [messages, firstSeq, lastSeq] = [0, null as number | null, null as number | null];
  if (format === 'markdown') await write(`# Session ${session.id}\n`);
  for await (const { seq, message } of session.messages({ includeCut, signal })) {
    if (reader?.gone.aborted === true) break;
    const cut = isCut(cuts, seq);
    while ((gaps[0]?.from ?? seq) < seq) await write(gapMarkdown(gaps.shift()));
    const line = wrapped ? { schema: exportSchema, kind: 'message', seq, cut, message } : message;
    await write(
      format === 'markdown'
        ? messageMarkdown(messages + 1, message, cut ? ' (cut)' : '')
        : `${json(line)}\n`,
    );
    messages += 1;
    firstSeq ??= seq;
    lastSeq = seq;
  }
  for (const gap of gaps) await write(gapMarkdown(gap));
  return { messages, firstSeq, lastSeq };
}

function gapMarkdown(gap: Gap | undefined): string {
  return gap === undefined ? '' : `\n> ${gapText(gap)}.\n`;
}
