/**
 * The demonstration: an agent appends a conversation, is killed in the middle of a write, the store
 * is scanned and recovered, and the agent goes on from what is there. Every number that is printed
 * comes from a report or from the agent's own acknowledgements.
 */
import { isDeepStrictEqual } from 'node:util';
import type { RecoveryReport } from '../../recovery/report.ts';
import type { Context } from '../command.ts';
import { live } from './agent.ts';
import type { Death, Life } from './agent.ts';
import type { Conversation } from './conversation.ts';

/** The agent is killed at least so often. */
export const killsMin = 3;
/** At most so often, on a machine that is too busy to hit the middle of a write. */
const killsMax = 24;
const session = 'demo';

/** One death of the agent and what came after it. */
export interface Kill {
  /** Index of the message inside which it died; null between messages. */
  readonly inside: number | null;
  /** Acknowledged messages, of all lives so far. */
  readonly acknowledged: number;
  /** Messages in the store after recovery. */
  readonly recovered: number;
  /** Bytes of an unfinished write, as the scan reports them. */
  readonly tornBytes: number;
  readonly scan: RecoveryReport;
  readonly run: RecoveryReport;
}

/** How the demonstration ended. */
export interface Outcome {
  readonly kills: readonly Kill[];
  readonly equal: number;
  readonly total: number;
  /** What went wrong, in a sentence; null when nothing did. */
  readonly fault: string | null;
  /** The exit code of an agent that stopped by itself; null otherwise. */
  readonly agentExit: number | null;
}

/** What the teller is told on the way. */
export interface Teller {
  begins(kill: number, from: number): Promise<void>;
  died(kill: Kill, life: Life): Promise<void>;
}

/** Runs it in an empty directory. */
export async function demonstrate(
  { engine, io }: Pick<Context, 'engine' | 'io'>,
  root: string,
  conversation: Conversation,
  teller: Teller,
): Promise<Outcome> {
  const { messages } = conversation;
  const kills: Kill[] = [];
  let recovered = 0;
  const end = (equal: number, fault: string | null, agentExit: number | null): Outcome => {
    return { kills, equal, total: messages.length, fault, agentExit };
  };
  for (;;) {
    const death = nextDeath(kills, recovered, conversation);
    await teller.begins(kills.length, recovered);
    const life = await live({ root, session }, messages, recovered, death, io.signal);
    io.signal.throwIfAborted();
    if (!life.killed && life.exitCode !== 0) return end(0, life.complaint, life.exitCode);
    if (!life.killed) break;
    const scan = await engine.recover(root, { mode: 'scan' });
    const run = await engine.recover(root, { mode: 'run' });
    const acknowledged = recovered + life.acknowledged;
    recovered = run.sessions.find(({ id }) => id === session)?.messages ?? 0;
    const tornBytes = scan.writers.reduce((sum, { cut }) => sum + cut.bytes, 0);
    const inside = death.kind === 'inside' ? death.index : null;
    const kill: Kill = { inside, acknowledged, recovered, tornBytes, scan, run };
    kills.push(kill);
    await teller.died(kill, life);
    const fault = faultOf(kill);
    if (fault !== null) return end(0, fault, null);
  }
  const equal = await countEqual({ engine, io }, root, conversation);
  return end(equal, endFault(kills, equal, messages.length), null);
}

/**
 * The first death comes between messages, the others inside large ones. When none of those left a
 * torn tail there is another one, a little earlier or later, as long as there are large messages.
 */
function nextDeath(
  kills: readonly Kill[],
  recovered: number,
  { messages, large }: Conversation,
): Death {
  if (kills.length === 0) return { kind: 'after', acknowledged: Math.floor(messages.length / 5) };
  const enough = kills.length >= killsMin && kills.some(({ tornBytes }) => tornBytes > 0);
  // One that came whole although the kill was meant for it is behind us; others are tried again.
  const index = large.find((one) => one >= recovered);
  if (enough || index === undefined || kills.length >= killsMax) return { kind: 'never' };
  // Early, because the signal takes its time; a little later when the last one came too early.
  const depths = [1, 4, 64, 256];
  const depthBytes = (depths[kills.length % depths.length] ?? 1) * 1024;
  return { kind: 'inside', index, depthBytes };
}

function faultOf({ acknowledged, recovered, run }: Kill): string | null {
  if (run.verdict !== 'healed' && run.verdict !== 'clean') {
    return `recovery ended with "${run.verdict}"`;
  }
  if (recovered >= acknowledged) return null;
  return `${acknowledged} messages were acknowledged and only ${recovered} are there`;
}

function endFault(kills: readonly Kill[], equal: number, total: number): string | null {
  if (equal !== total) return `only ${equal} of ${total} messages are equal to the original`;
  if (kills.length < killsMin) return `the agent was killed only ${kills.length} times`;
  if (kills.some(({ tornBytes }) => tornBytes > 0)) return null;
  return 'no kill hit the middle of a write, so no torn tail was shown; please run it again';
}

/** How many messages from the start are deep-equal to the original; one too many makes it 0. */
async function countEqual(
  { engine, io }: Pick<Context, 'engine' | 'io'>,
  root: string,
  { messages }: Conversation,
): Promise<number> {
  await using store = await engine.openStore(root, { mode: 'read', signal: io.signal });
  await using read = await store.openSession(session, { mode: 'read' });
  let equal = 0;
  for await (const { message } of read.messages()) {
    if (equal >= messages.length) return 0;
    if (!isDeepStrictEqual(message, messages[equal])) return equal;
    equal += 1;
  }
  return equal;
}
