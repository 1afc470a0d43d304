/**
 * `holdfast append`: messages in as JSON lines, answers out once each is as safe as was asked for.
 * This is how programs in other languages, and crash tests, drive the engine.
 *
 * Lines are appended in groups: whatever arrives while one group is on its way forms the next one,
 * and each group is atomic. So there are few syncs however fast lines come, and what was appended
 * is always a prefix of what was sent, also when the disk fills up in between. Bounds: one group on
 * its way and one waiting, each of at most `groupLinesMax` lines and `groupBytesMax` bytes, or of
 * one line.
 */
import { HoldfastError } from '../../base/errors.ts';
import { batchFramesMax } from '../../base/quantities.ts';
import { assert } from '../../base/assert.ts';
import { sessionIdFault } from '../../recovery/layout.ts';
import type { Message } from '../../session/message.ts';
import type { Durability } from '../../store/api.ts';
import { BoundedQueue } from '../bounded-queue.ts';
import { AppendTarget } from '../append-target.ts';
import { quote } from '../arguments.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { linesOf } from '../json-lines.ts';
import { messageOf } from '../message-line.ts';
import { storeDirectory } from '../store-directory.ts';
import { counted, json } from '../text.ts';
import { UsageError } from '../usage-error.ts';

/** A longer line goes alone, so that a refusal of its encoding concerns no other line. */
const groupBytesMax = 16 * 1024 * 1024;
const groupLinesMax = 1024;

// Each entry may need an introduction of its session in front of it.
assert(groupLinesMax * 2 <= batchFramesMax, 'a group fits into a batch');

const schema = 'holdfast.append/1';

/** A line that is no message, or one that was refused. */
interface BadLine {
  readonly line: number;
  readonly fault: string;
}

interface Item {
  readonly line: number;
  readonly bytes: number;
  readonly message: Message;
}

/** A bad line that is passed over. It stands in the queue, because it is told at its place. */
interface Skipped extends BadLine {
  readonly bytes: number;
}

/** The command. */
export const append: Command = {
  name: 'append',
  summary: 'Append messages from stdin, one JSON object a line',
  positionals: [directory],
  options: [
    {
      name: 'session',
      value: 'ID',
      required: true,
      summary: 'The session; when it is not there, the first message creates it',
    },
    {
      name: 'durability',
      value: 'LEVEL',
      choices: ['durable', 'batched'],
      summary: 'durable (default): answered when synced; batched: when with the system',
    },
    { name: 'no-checkpoints', summary: 'Take no restore points by itself' },
    { name: 'skip-invalid', summary: 'Go on behind a bad line instead of stopping there' },
    storeOption,
  ],
  details: [
    'For each message a line {"line":N,"seq":N} is printed, in order, and only once the message ' +
      'is durable (batched: once it is with the operating system). The first bad line ends the run: ' +
      'everything before it is appended and answered, nothing behind it. Empty lines are ' +
      'passed over. Sequences have gaps where restore points were taken; `holdfast snapshots` ' +
      'lists them.',
    'With --json each line is an object with schema and kind: acknowledged (line, seq, durable), ' +
      'refused (line, reason), and at the end one result (session, appended, refused, firstSeq, ' +
      'lastSeq, durable, stoppedAt: the line that ended the run, or null). Without a result, the ' +
      'error on stderr says why.',
  ],
  examples: [
    {
      line: `echo '{"role":"user","content":"Hello"}' | holdfast append --session s1`,
      why: 'one message',
    },
    { line: 'holdfast append --session s1 < messages.jsonl', why: 'a whole conversation' },
  ],
  exits: [0, 20, 30, 40, 50, 64, 70, 129, 130, 143],
  schema,
  run: runAppend,
};

async function runAppend(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const id = args.text('session') ?? '';
  const durability = (args.text('durability') ?? 'durable') as Durability;
  const root = storeDirectory(args, io);
  const fault = sessionIdFault(id);
  // Before a store is made for it.
  if (fault !== null) throw new UsageError(`--session is ${quote(id)}: ${fault}`);
  const checkpoints = args.has('no-checkpoints') ? { checkpoints: false as const } : {};
  const options = { signal: io.signal, ...checkpoints };
  await using target = new AppendTarget({ run: context, root, id, options });
  await target.open();
  if (io.stdin.isTerminal && !talk.json)
    await talk.say('Reading messages, one JSON object a line; Ctrl-D ends');
  const work = new Appending(context, target, durability);
  // Awaited here: the session is closed when this function is left.
  return await work.run();
}

class Appending {
  readonly #context: Context;
  readonly #target: AppendTarget;
  readonly #durability: Durability;
  readonly #skips: boolean;
  readonly #queue: BoundedQueue<Item | Skipped> = new BoundedQueue({
    itemsMax: groupLinesMax,
    bytesMax: groupBytesMax,
  });
  #appended = 0;
  #firstSeq: number | null = null;
  #skipped = 0;
  /** Lines that are passed over and not told yet, in order. */
  #untold: BadLine[] = [];
  /** The first bad line, which ended the run. */
  #bad: BadLine | null = null;
  /** The writer has ended: there is no use in reading on. */
  readonly #writerEnded: AbortController = new AbortController();

  constructor(context: Context, target: AppendTarget, durability: Durability) {
    this.#context = context;
    this.#target = target;
    this.#durability = durability;
    this.#skips = context.args.has('skip-invalid');
  }

  async run(): Promise<ExitCode> {
    const { io, talk } = this.#context;
    const reading = this.#read();
    try {
      await this.#write();
    } finally {
      this.#queue.end();
      this.#writerEnded.abort();
      // Reading may fail while the writer fails as well; the writer's error is the one to tell.
      await Promise.allSettled([reading]);
    }
    await reading;
    // A message that was answered as batched is synced before this returns.
    await this.#target.flush();
    await (talk.json ? this.#tellResult() : this.#tellPeople());
    if (this.#bad !== null) return 64;
    if (!io.stdout.gone.aborted) return 0;
    await talk.warn('nobody reads the answers any more; what was read from stdin is durable');
    return 50;
  }

  async #tellPeople(): Promise<void> {
    const { talk } = this.#context;
    if (this.#skipped > 0) await talk.warn(`${counted(this.#skipped, 'line')} skipped`);
    const { id, isThere } = this.#target;
    const where = isThere ? `to ${id}` : `and session ${id} not made`;
    await talk.say(`${counted(this.#appended, 'message')} appended${isThere ? '' : ','} ${where}`);
    if (this.#bad === null) return;
    const { line, fault } = this.#bad;
    await talk.warn(`line ${line}: ${fault}; nothing from this line on was appended`);
  }

  /** Everything that was acknowledged is durable by now, also what was batched. */
  async #tellResult(): Promise<void> {
    if (this.#bad !== null) await this.#tellRefused(this.#bad);
    const firstSeq = this.#firstSeq;
    await this.#tellJson('result', {
      session: this.#target.id,
      appended: this.#appended,
      refused: this.#skipped + (this.#bad === null ? 0 : 1),
      firstSeq,
      lastSeq: firstSeq === null ? null : firstSeq + this.#appended - 1,
      durable: true,
      stoppedAt: this.#bad?.line ?? null,
    });
  }

  #tellRefused({ line, fault: reason }: BadLine): Promise<void> {
    return this.#tellJson('refused', { line, reason });
  }

  #tellJson(kind: 'result' | 'refused', members: object): Promise<void> {
    return this.#context.talk.data(`${json({ schema, kind, ...members })}\n`);
  }

  async #read(): Promise<void> {
    const { io } = this.#context;
    const stops = [io.signal, io.stdout.gone, this.#writerEnded.signal];
    const lines = linesOf(io.stdin.chunks(), { stops });
    try {
      for await (const line of lines) {
        if ('text' in line && line.text.trim() === '') continue;
        const message = messageOf(line);
        const place = { line: line.number, bytes: line.bytes };
        if (typeof message !== 'string') {
          await this.#queue.push({ ...place, message });
        } else if (this.#skips) {
          await this.#queue.push({ line: line.number, bytes: message.length, fault: message });
        } else {
          // A line that the writer refuses stands before this one.
          this.#bad ??= { line: line.number, fault: message };
          return;
        }
        if (this.#queue.ended) return;
      }
    } finally {
      this.#queue.end();
    }
  }

  /** Tells the lines in front of this one that were passed over. */
  async #tellSkipped(before: number): Promise<void> {
    const { talk } = this.#context;
    while ((this.#untold[0]?.line ?? before) < before) {
      const [bad] = this.#untold.splice(0, 1);
      if (bad === undefined) return;
      this.#skipped += 1;
      if (talk.json) await this.#tellRefused(bad);
      else await talk.warn(`line ${bad.line}: ${bad.fault}; skipped`);
    }
  }

  async #write(): Promise<void> {
    for (;;) {
      const items = await this.#queue.takeAll();
      if (items.length === 0) return;
      this.#untold = items.flatMap((item) => ('fault' in item ? [item] : []));
      const group = items.flatMap((item) => ('message' in item ? [item] : []));
      const [first] = group;
      if (first !== undefined && !(await this.#appendGroup(group, first))) return;
      await this.#tellSkipped(Number.POSITIVE_INFINITY);
    }
  }

  /** False when a line of the group turned out to be bad and the run ends there. */
  async #appendGroup(items: readonly Item[], first: Item): Promise<boolean> {
    const options = { durability: this.#durability };
    try {
      const messages = items.map(({ message }) => message);
      const session = await this.#target.sessionFor(first.message);
      const { firstSeq } = await session.appendAll(messages, options);
      await this.#answer(items, firstSeq);
      return true;
    } catch (error) {
      const refused = HoldfastError.is(error, 'INVALID') || HoldfastError.is(error, 'TOO_LARGE');
      if (!refused) throw error;
      if (items.length === 1) {
        const bad = { line: first.line, fault: error.message };
        if (this.#skips) {
          await this.#tellSkipped(bad.line);
          this.#untold.unshift(bad);
        } else this.#bad = bad;
        return this.#skips;
      }
    }
    // A group that was refused left nothing behind: find the line.
    for (const item of items) if (!(await this.#appendGroup([item], item))) return false;
    return true;
  }

  async #answer(items: readonly Item[], firstSeq: number): Promise<void> {
    const { talk } = this.#context;
    const durable = this.#durability === 'durable';
    // Nobody else appends to a session that is open here, so the sequence has no gap.
    this.#firstSeq ??= firstSeq;
    this.#appended += items.length;
    let answers = '';
    for (const [index, { line }] of items.entries()) {
      if ((this.#untold[0]?.line ?? line) < line) {
        await talk.data(answers);
        answers = '';
        await this.#tellSkipped(line);
      }
      const seq = firstSeq + index;
      const told = talk.json ? { schema, kind: 'acknowledged', line, seq, durable } : { line, seq };
      answers += `${json(told)}\n`;
    }
    await talk.data(answers);
  }
}
