/** Sessions that try to break the page, made by hand: by what they say, and by how much. */
import type { PlacedMessage, Place } from '../../src/integrity/conversation.ts';
import type { TranscriptPageInput } from '../../src/page/transcript-page.ts';
import type { ContentBlock, NewBlock } from '../../src/session/message.ts';
import { Conversation, call, text, finding, reportOf, input } from './sample-conversation.ts';

/** A block of a kind that is not known, as a reader gives it. */
function other(block: NewBlock): ContentBlock {
  return block as ContentBlock;
}

/** Everything that a transcript could try on a page. */
export const attacks: readonly string[] = [
  '</script><script>document.title = "owned"</script>',
  '</style><style>body { display: none }</style>',
  '<img src=x onerror="document.title = 1">',
  '<svg onload=alert(1)>',
  '"><a href="javascript:alert(1)">x</a>',
  "' onmouseover='alert(1)",
  '<!-- <script>',
  '<iframe src="https://attacker.invalid/">',
  '<link rel=stylesheet href=//attacker.invalid/a.css>',
  '<meta http-equiv=refresh content="0;url=https://attacker.invalid">',
  '<base href="https://attacker.invalid/">',
  '&lt;b&gt; &amp;amp; &#0;',
  'nul \0 escape \u001b[31m backspace \b',
  'right \u202e to left \u2066 isolate \u2069 mark \u200f',
  'hidden \u{e0041}\u{e0042} tags, zero\u200bwidth',
  'half \ud83d pair',
  ']]> {{constructor}} ${alert(1)} `',
];

/** The same attacks in every member that a transcript fills. */
export function hostile(): TranscriptPageInput {
  const talk = new Conversation();
  for (const attack of attacks) {
    talk.add(attack, [text(attack)], attack);
    talk.user(attack);
    talk.assistant(
      { type: 'thinking', thinking: attack, signature: attack },
      call(attack, attack, { [attack]: attack, nested: { [attack]: [attack] } }),
      other({ type: attack, data: attack }),
      { type: 'image', source: { type: 'base64', media_type: attack, data: attack } },
    );
    talk.add('user', [
      {
        type: 'tool_result',
        tool_use_id: attack,
        content: [text(attack), other({ type: attack })],
      },
      { type: 'tool_result', tool_use_id: `${attack}?`, content: attack },
    ]);
  }
  talk.user('x'.repeat(10_000_000));
  const place: Place = { record: 0, offset: 5, length: 3, line: 1, id: attacks.join('') };
  const [first = ''] = attacks;
  return input(talk, {
    path: attacks.join('/'),
    format: first,
    told: attacks.join(' '),
    facts: {
      sessionId: first,
      title: attacks.join(' '),
      cwd: first,
      version: first,
      model: first,
    },
    findings: attacks.map((attack, index) =>
      finding('BAD_CALL_ID', 'error', {
        place,
        messageIndex: index,
        callId: attack,
        meaning: attack,
        fix: attack,
      }),
    ),
    sides: [{ kind: 'branch', id: attacks.join(''), messages: 2 }],
    plan: {
      policy: 'drop',
      edits: attacks.map((attack, index) => ({
        kind: 'replace-block',
        at: { message: index, block: 0 },
        content: other({ type: attack, text: attack }),
        reason: 'BAD_CALL_ID',
        told: attack,
      })),
      mends: attacks.map((attack, index) => {
        const bytes = new TextEncoder().encode(attack);
        return { offset: index, length: bytes.length, removed: bytes, added: bytes };
      }),
      lost: attacks.map((attack) => ({ messageIndex: 1, told: attack, text: attack })),
      unmended: attacks.map((attack) => ({ messageIndex: 1, told: attack, text: attack })),
    },
    next: attacks.map((attack) => ({ why: attack, line: attack })),
  });
}

/** A session of many messages with a few findings far apart; made again at every walk. */
export function large(messages: number): TranscriptPageInput {
  const place = (number: number): Place => ({
    record: number,
    offset: number * 900,
    length: 880,
    line: number + 1,
    id: null,
  });
  function* conversation(): Generator<PlacedMessage> {
    for (let number = 0; number < messages; number += 1) {
      const content = contentAt(number);
      const role = number % 40 === 0 || number % 2 === 0 ? 'user' : 'assistant';
      const places = content.map(() => place(number));
      yield { role, content, place: place(number), places, model: null };
    }
  }
  const findings = Array.from({ length: 60 }, (_, index) => {
    const messageIndex = Math.floor((messages / 60) * index) | 1;
    return finding('DANGLING_TOOL_CALL', 'error', {
      place: place(messageIndex),
      messageIndex,
      blockIndex: 1,
      callId: `toolu_${messageIndex}`,
      meaning: `The call toolu_${messageIndex} has no result.`,
    });
  });
  const report = reportOf(new Conversation(), {
    verdict: 'repairable',
    told: '60 tool calls have no result; the plan adds results that say that the outcome is unknown.',
    findings,
  });
  const counts = { ...report.counts, bytes: messages * 900, messages, records: messages };
  return { report: { ...report, counts }, conversation };
}

function contentAt(number: number): readonly ContentBlock[] {
  if (number % 40 === 0)
    return [text(`Prompt ${number / 40}: go on with the next part of the work.`)];
  if (number % 2 === 1) {
    const id = `toolu_${number}`;
    return [text(`Step ${number}.`), call(id, 'Bash', { command: `make part-${number}` })];
  }
  return [{ type: 'tool_result', tool_use_id: `toolu_${number - 1}`, content: `done ${number}` }];
}
