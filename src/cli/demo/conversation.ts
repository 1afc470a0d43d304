/**
 * What the agent of the demonstration says: a conversation of several hundred messages from a
 * fixture, and between its turns a few tools that answer with megabytes, as tools do.
 */
import { addAll } from '../../base/lists.ts';
import type { FileSystem } from '../../platform/file-system.ts';
import { readUpTo } from '../../platform/file-system.ts';
import type { Message } from '../../session/message.ts';
import { packagePath } from '../package-files.ts';

/** Characters of one large answer of a tool. */
const dumpCharacters = 8_000_000;
/** After which part of the conversation each of them stands. */
const dumpPlaces: readonly number[] = Array.from({ length: 12 }, (_, index) => (index + 6) / 20);

/** The conversation, with the places of its large messages. */
export interface Conversation {
  readonly messages: readonly Message[];
  /** Indexes of the messages of several MB. */
  readonly large: readonly number[];
  /** Characters of all messages as JSON. */
  readonly characters: number;
}

/** Reads the fixture of this package and puts the large answers in. */
export async function loadConversation(fileSystem: FileSystem): Promise<Conversation> {
  const path = packagePath('fixtures/conversations/build-a-parser.jsonl');
  const file = await fileSystem.open(path, 'read');
  try {
    const { size } = await file.stat();
    const text = new TextDecoder().decode(await readUpTo(file, 0, size));
    const lines = text.split('\n').filter((line) => line !== '');
    return withDumps(lines.map((line) => JSON.parse(line) as Message));
  } finally {
    await file.close();
  }
}

/** Puts the large answers between turns, never between a call and its result. */
export function withDumps(fixture: readonly Message[]): Conversation {
  const messages: Message[] = [];
  const large: number[] = [];
  const due = dumpPlaces.map((place) => Math.floor(place * fixture.length));
  fixture.forEach((message, index) => {
    const next = due[large.length];
    if (next !== undefined && index >= next && beginsTurn(message)) {
      large.push(messages.length + 2);
      addAll(messages, dumpTurn(large.length));
    }
    messages.push(message);
  });
  const characters = messages.reduce((sum, one) => sum + JSON.stringify(one).length, 0);
  return { messages, large, characters };
}

function beginsTurn({ role, content }: Message): boolean {
  return role === 'user' && typeof content === 'string';
}

function dumpTurn(number: number): readonly Message[] {
  const id = `call_dump_${number}`;
  const path = `build/trace-${number}.log`;
  return [
    { role: 'user', content: `Please look at ${path} as well.` },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'It is long; I read all of it.' },
        { type: 'tool_use', id, name: 'read_file', input: { path } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: trace(number) }] },
    { role: 'assistant', content: [{ type: 'text', text: `${path} shows nothing unusual.` }] },
  ];
}

/** A log file that is the same every time. */
function trace(number: number): string {
  const lines: string[] = [];
  let length = 0;
  // A multiplicative generator: every line differs, and no line depends on chance.
  let state = number;
  while (length < dumpCharacters) {
    state = (state * 48_271) % 2_147_483_647;
    const at = String(lines.length).padStart(7, '0');
    const line = `${at} trace-${number} parser: state ${state} depth ${state % 97}\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join('');
}
