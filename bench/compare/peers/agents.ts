/** Runtimes that keep the turns of an agent: in a session of Holdfast, or as LangGraph's SQLite saver does. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import type { BaseMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import { emptyCheckpoint, uuid6 } from '@langchain/langgraph-checkpoint';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import Database from 'better-sqlite3';
import { Store } from 'holdfast';
import type { NewMessage, Session } from 'holdfast';
import { agentTurn } from '../agent-turns.ts';
import type { AgentTurn } from '../agent-turns.ts';

/** Turns of one conversation; then the next begins, because a state that is stored whole grows. */
export const turnsEach = 20;

/** Keeps one turn after the other. */
export interface Agent {
  readonly name: string;
  readonly directory: string;
  readonly turns: number;
  /** Everything of the turn is kept, as it comes, when this resolves. */
  turn(): Promise<void>;
  rest?(): Promise<void>;
  close(): Promise<void>;
}

/** Four durable appends a turn, each awaited before the agent goes on. */
export class HoldfastAgent implements Agent {
  readonly name = 'holdfast';
  readonly directory: string;
  readonly #store: Store;
  #open: { readonly session: Session } | null = null;
  #turns = 0;

  constructor(directory: string, store: Store) {
    this.directory = directory;
    this.#store = store;
  }

  static async open(directory: string): Promise<HoldfastAgent> {
    return new HoldfastAgent(directory, await Store.open(directory));
  }

  get turns(): number {
    return this.#turns;
  }

  async turn(): Promise<void> {
    this.#open ??= { session: await this.#store.createSession() };
    const { session } = this.#open;
    const turn = agentTurn(this.#turns);
    this.#turns += 1;
    for (const message of messagesOf(turn)) await session.append(message);
    if (this.#turns % turnsEach !== 0) return;
    await this.#open?.session.close();
    this.#open = null;
  }

  async rest(): Promise<void> {
    await this.#store.settle();
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

function messagesOf({ callId, question, command, output, answer }: AgentTurn): NewMessage[] {
  const call = { type: 'tool_use', id: callId, name: 'bash', input: { command } } as const;
  const result = { type: 'tool_result', tool_use_id: callId, content: output } as const;
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: [call] },
    { role: 'user', content: [result] },
    { role: 'assistant', content: answer },
  ];
}

/**
 * The calls that LangGraph makes of its saver for such a turn: a checkpoint of the input, and for each
 * of the three steps behind it the writes of the task, then a checkpoint of the whole state.
 */
export class LangGraphAgent implements Agent {
  readonly name: string;
  readonly directory: string;
  readonly #saver: SqliteSaver;
  #config: RunnableConfig = {};
  #messages: BaseMessage[] = [];
  #step = 0;
  #turns = 0;

  constructor(name: string, directory: string, saver: SqliteSaver) {
    this.name = name;
    this.directory = directory;
    this.#saver = saver;
  }

  /** As it ships, which is `synchronous=NORMAL`, or with every commit on the disk. */
  static async open(directory: string, synchronous: 'NORMAL' | 'FULL'): Promise<LangGraphAgent> {
    mkdirSync(directory);
    const database = new Database(join(directory, 'saver.db'));
    const saver = new SqliteSaver(database);
    // The first call sets the tables and the journal up.
    await saver.getTuple({ configurable: { thread_id: 'none' } });
    if (synchronous === 'FULL') database.pragma('synchronous = FULL');
    const is = database.pragma('synchronous', { simple: true });
    if (is !== (synchronous === 'FULL' ? 2 : 1)) throw new Error(`synchronous is ${String(is)}`);
    return new LangGraphAgent(`LangGraph SQLite, ${synchronous}`, directory, saver);
  }

  get turns(): number {
    return this.#turns;
  }

  async turn(): Promise<void> {
    if (this.#turns % turnsEach === 0) {
      this.#config = { configurable: { thread_id: `thread-${this.#turns}`, checkpoint_ns: '' } };
      this.#messages = [];
      this.#step = 0;
    }
    const { callId, question, command, output, answer } = agentTurn(this.#turns);
    this.#turns += 1;
    const call = { id: callId, name: 'bash', args: { command } };
    this.#messages = [...this.#messages, new HumanMessage(question)];
    await this.#checkpoint('input');
    await this.#superstep('tools', new AIMessage({ content: '', tool_calls: [call] }));
    await this.#superstep('agent', new ToolMessage({ content: output, tool_call_id: callId }));
    await this.#superstep('end', new AIMessage(answer));
  }

  async #superstep(next: string, message: BaseMessage): Promise<void> {
    const writes = [
      ['messages', [message]],
      [`branch:to:${next}`, null],
    ] as [string, unknown][];
    await this.#saver.putWrites(this.#config, writes, uuid6(this.#step));
    this.#messages = [...this.#messages, message];
    await this.#checkpoint('loop');
  }

  async #checkpoint(source: 'input' | 'loop'): Promise<void> {
    const checkpoint = emptyCheckpoint();
    checkpoint.id = uuid6(this.#step);
    checkpoint.channel_values = { messages: this.#messages };
    checkpoint.channel_versions = { messages: this.#step + 1 };
    const metadata = { source, step: this.#step, parents: {} } as const;
    this.#config = await this.#saver.put(this.#config, checkpoint, metadata);
    this.#step += 1;
  }

  close(): Promise<void> {
    this.#saver.db.close();
    return Promise.resolve();
  }
}
