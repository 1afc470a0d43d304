/** `holdfast demo`: see it happen on this machine, in less than a minute. */
import { tmpdir } from 'node:os';
import { toHex } from '../../format/bytes.ts';
import { nodeRandom } from '../../platform/node-clock.ts';
import { nodeFileSystem } from '../../platform/node-file-system.ts';
import { removeTree } from '../../recovery/remove-tree.ts';
import type { Command, Context } from '../command.ts';
import type { Life } from '../demo/agent.ts';
import { loadConversation } from '../demo/conversation.ts';
import type { Conversation } from '../demo/conversation.ts';
import { demonstrate } from '../demo/demonstration.ts';
import type { Kill, Outcome, Teller } from '../demo/demonstration.ts';
import { exitMeanings } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Talk } from '../talk.ts';
import { bytes, counted, json, number, ranges } from '../text.ts';

/** The command. */
export const demo: Command = {
  name: 'demo',
  summary: 'Watch an agent be killed again and again and lose nothing',
  positionals: [],
  options: [{ name: 'keep', summary: 'Keep the store, to look at it afterwards' }],
  details: [
    'A child process appends a conversation of several hundred messages, is killed with SIGKILL, ' +
      'also inside messages of several MB; each time the store is scanned, recovered and the ' +
      'agent goes on. At the end the conversation is compared with the original.',
  ],
  examples: [{ line: 'holdfast demo --keep', why: 'then look with `recover verify` and `show`' }],
  exits: [0, 40, 50, 64, 70, 129, 130, 143],
  schema: 'holdfast.demo/1',
  run: runDemo,
};

async function runDemo({ args, engine, io, talk }: Context): Promise<ExitCode> {
  const startMs = performance.now();
  const fileSystem = nodeFileSystem('pool');
  const conversation = await loadConversation(fileSystem);
  const name = `holdfast-demo-${toHex(nodeRandom().bytes(4))}`;
  const root = `${await fileSystem.realPath(tmpdir())}/${name}`;
  await fileSystem.createDirectory(root);
  try {
    if (!talk.json) await talk.data(opening(root, conversation, talk));
    const teller = talk.json ? silent : tellerOf(conversation, talk);
    const outcome = await demonstrate({ engine, io }, root, conversation, teller);
    const seconds = (performance.now() - startMs) / 1000;
    if (talk.json) await talk.data(`${json(demoReport(outcome, root, seconds))}\n`);
    else await talk.data(closing(outcome, seconds, talk));
    if (args.has('keep') && !talk.json) await talk.data(`\nThe store was kept: ${root}\n`);
    return exitOf(outcome);
  } finally {
    if (!args.has('keep')) await removeTree(fileSystem, root);
  }
}

function exitOf({ fault, agentExit }: Outcome): ExitCode {
  if (agentExit !== null && agentExit in exitMeanings) return agentExit as ExitCode;
  return fault === null ? 0 : 70;
}

function opening(root: string, conversation: Conversation, { style }: Talk): string {
  const { messages, large, characters } = conversation;
  return [
    style.bold('An agent is killed in the middle of its work, and loses nothing.'),
    '',
    `  conversation  ${counted(messages.length, 'message')}, ${bytes(characters)}; ` +
      `${large.length} of them answers of a tool of 8 MB each`,
    `  store         ${root}`,
    '',
  ].join('\n');
}

function tellerOf({ messages }: Conversation, talk: Talk): Teller {
  const { style } = talk;
  const line = (mark: string, text: string): Promise<void> => talk.data(`   ${mark} ${text}\n`);
  return {
    begins: (kill, from) => {
      const how = kill === 0 ? 'starts' : `goes on from message ${from + 1}`;
      return talk.data(`\n${style.bold(`${kill + 1}`)}  The agent ${how}.\n`);
    },
    died: async (kill, life) => {
      await line(style.red('✂'), deathText(kill, life, messages.length));
      await line(style.dim('$ recover scan'), scanText(kill));
      await line(style.dim('$ recover run '), `${kill.run.verdict}`);
      await line(style.green('✓'), recoveredText(kill));
    },
  };
}

const silent: Teller = { begins: () => Promise.resolve(), died: () => Promise.resolve() };

function deathText({ inside, acknowledged }: Kill, life: Life, total: number): string {
  const pending = life.sent - life.acknowledged;
  const place = inside === null ? '' : ` inside message ${inside + 1} of ${total} (8 MB)`;
  const onTheWay = pending === 0 ? '' : `, ${number(pending)} on the way`;
  return `SIGKILL${place}: ${counted(acknowledged, 'message')} acknowledged${onTheWay}`;
}

function scanText({ scan, tornBytes }: Kill): string {
  const [session] = scan.sessions;
  const kept = session?.kept ?? [];
  const parts = [scan.verdict as string];
  if (kept.length > 0) parts.push(`seq ${ranges(kept)} only in the journal`);
  if (tornBytes > 0) parts.push(`a torn tail of ${number(tornBytes)} bytes, never acknowledged`);
  return parts.join('; ');
}

function recoveredText({ acknowledged, recovered }: Kill): string {
  const more = recovered - acknowledged;
  const extra = more === 0 ? '' : `, and ${number(more)} whose acknowledgement was on its way`;
  return `${counted(recovered, 'message')} recovered: all that were acknowledged${extra}`;
}

function closing(outcome: Outcome, seconds: number, { style }: Talk): string {
  const { kills, equal, total, fault } = outcome;
  if (fault !== null) return `\n${style.red('✗')} ${fault}\n`;
  const torn = kills.filter(({ tornBytes }) => tornBytes > 0).length;
  return [
    `\n${style.green('✓')} ${style.bold('The conversation is whole.')}`,
    `  ${number(equal)} of ${number(total)} messages are deep-equal to the original, in order,`,
    `  after ${counted(kills.length, 'kill')}, ${torn} of them in the middle of a write, ` +
      `in ${seconds.toFixed(1)} s.\n`,
  ].join('\n');
}

function demoReport(outcome: Outcome, root: string, seconds: number): object {
  const { kills, equal, total, fault } = outcome;
  return {
    schema: 'holdfast.demo/1',
    root,
    messages: total,
    equal,
    fault,
    seconds: Math.round(seconds * 10) / 10,
    kills: kills.map(({ inside, acknowledged, recovered, tornBytes, scan, run }) => {
      const message = inside === null ? null : inside + 1;
      const verdicts = { scan: scan.verdict, run: run.verdict };
      return { insideMessage: message, acknowledged, recovered, tornBytes, verdicts };
    }),
  };
}
