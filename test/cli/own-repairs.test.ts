/**
 * A repair for the provider that a tool talks to, of random histories in the files of the tool, some
 * of them damaged: what would be written is accepted when it is read again, or refused with a way
 * out. Nothing of it is a fault of Holdfast.
 */
import { describe, expect, it } from 'vitest';
import { repairOf } from '../../src/cli/transcripts/repair.ts';
import { refusalOf } from '../../src/cli/transcripts/proof.ts';
import { reopened } from '../../src/cli/transcripts/opened.ts';
import { HoldfastError } from '../../src/base/errors.ts';
import { policyNames } from '../../src/integrity/plan/edit.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { randomHistory } from '../repair-plans/random-history.ts';
import fc from '../helpers/fast-check.ts';
import { runs } from '../helpers/transcript-lab.ts';

type Part = Readonly<Record<string, unknown>>;
type History = readonly { readonly role: string; readonly content: readonly Part[] }[];
type Making = (history: History, prng: Prng) => string;

const lines = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Records of Claude Code; some answers share an id, and some records follow an odd one. */
const claude: Making = (history, prng) => {
  const records: object[] = [];
  const isShared = prng.chance(0.2);
  for (const [at, { role, content }] of history.entries()) {
    const type = role === 'assistant' ? role : 'user';
    const id = `msg-${isShared ? prng.below(4) : at}`;
    const isApart = prng.chance(0.6) && content.length > 0;
    for (const blocks of isApart ? content.map((block) => [block]) : [content]) {
      const number = records.length;
      const parent = prng.chance(0.03) ? prng.below(number + 1) : number - 1;
      const parentUuid = number === 0 ? null : `u-${parent}`;
      const message = { role, content: blocks, ...(type === 'user' ? {} : { id, model: 'm' }) };
      const timestamp = new Date(1_700_000_000_000 + number * 1000).toISOString();
      const own = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2' };
      records.push({ parentUuid, ...own, type, message, uuid: `u-${number}`, timestamp });
    }
  }
  return lines(records);
};

const list: Making = (history, prng) => {
  const messages = history.map(({ role, content }) => ({ role, content }));
  if (prng.chance(0.3)) return lines(messages);
  return JSON.stringify(prng.chance(0.5) ? messages : { model: 'claude', messages });
};

function piPart(part: Part): object {
  if (part['type'] !== 'tool_use') return part;
  return { type: 'toolCall', id: part['id'], name: part['name'], arguments: part['input'] };
}

/** Entries of pi, each behind the one before it; a result is one for itself. */
const pi: Making = (history, prng) => {
  const provider = prng.pick(['anthropic', 'amazon-bedrock']);
  const messages = history.flatMap(({ role, content }): object[] => {
    if (role === 'assistant') {
      const by = { provider, model: 'm', stopReason: prng.pick(['stop', 'aborted']) };
      return [{ role, content: content.map(piPart), ...by }];
    }
    return content.map((part) => {
      if (part['type'] !== 'tool_result') return { role: 'user', content: [part] };
      const { content: said, tool_use_id: toolCallId } = part;
      return { role: 'toolResult', toolCallId, toolName: 'x', content: said };
    });
  });
  const entries = messages.map((message, at) => {
    const parentId = at === 0 ? null : `e${at - 1}`;
    return { type: 'message', id: `e${at}`, parentId, timestamp: 't', message };
  });
  return lines([{ type: 'session', version: 3, id: 's', timestamp: 't', cwd: '/p' }, ...entries]);
};

/** Takes lines out, repeats, tears and fuses them, and puts zeros into them. */
function damaged(text: string, prng: Prng): string {
  const all = text.split('\n');
  const count = prng.chance(0.5) ? 0 : 1 + prng.below(3);
  for (let done = 0; done < count; done += 1) {
    const at = prng.below(all.length);
    const line = all[at] ?? '';
    const cut = prng.below(line.length + 1);
    const changes = [
      [],
      [line, line],
      [line.slice(0, cut)],
      [`${line}${line}`],
      [`${line.slice(0, cut)}${'\0'.repeat(1 + prng.below(9))}${line.slice(cut + prng.below(9))}`],
    ];
    all.splice(at, 1, ...(changes[prng.below(changes.length)] ?? []));
  }
  return all.join('\n');
}

const watching = { signal: new AbortController().signal, onProgress: undefined };
const path = 'session';

/** What came of the repair: `copy`, `refused`, or `none` for what is no transcript any more. */
async function outcome(text: string, policy: (typeof policyNames)[number]): Promise<string> {
  const file = bytesSource(Buffer.from(text));
  try {
    const own = await reopened(file, path, watching);
    const repair = await repairOf(file, own, { path, profile: null, policy, watching });
    return (await refusalOf(repair, { path, watching, own })) === null ? 'copy' : 'refused';
  } catch (error) {
    if (HoldfastError.is(error, 'INVALID')) return 'none';
    throw error;
  }
}

describe.each([
  ['Claude Code', claude],
  ['Anthropic', list],
  ['pi', pi],
])('refusalOf a repair of %s for its own provider', (_name, make) => {
  it('finds what would be written accepted, or says why it is not', async () => {
    const counts: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000_000),
        fc.constantFrom(...policyNames),
        async (seed, policy) => {
          const prng = Prng.fromSeed(seed);
          const history = randomHistory(seed).messages as unknown as History;
          const told = await outcome(damaged(make(history, prng), prng), policy);
          counts[told] = (counts[told] ?? 0) + 1;
        },
      ),
      runs(60),
    );
    expect(counts['copy']).toBeGreaterThan(20);
  }, 600_000);
});
