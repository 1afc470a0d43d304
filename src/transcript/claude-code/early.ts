/**
 * The conversation as it looks while the file is read: every message of the main line in the order
 * of the file, from the last record that follows nothing. In most files that is the conversation,
 * and then nobody needs to read it a second time. Whether it is, the graph tells at the end; the
 * bits of each record say what was told, so that this is known and not believed.
 *
 * A record that follows one further back begins another branch; from there on nothing more is told
 * until a conversation begins anew.
 */
import type { EarlyListener } from '../transcript.ts';
import type { Entries } from './entries.ts';
import type { Entry } from './entry.ts';
import { is } from './entry.ts';
import type { Grouped } from './grouping.ts';
import { MessageParts } from './record-text.ts';

/** A message that may get more records. */
interface OpenMessage {
  readonly parts: MessageParts;
  readonly first: number;
  last: number;
}

const told = is.begins | is.joins | is.joinsEarlier;

/** Tells a listener the messages; only the last two are held. */
export class EarlyConversation {
  readonly #entries: Entries;
  readonly #listener: EarlyListener;
  #earlier: OpenMessage | null = null;
  #last: OpenMessage | null = null;
  /** The first record of what is told now. */
  #from = 0;
  #records = 0;
  #messages = 0;
  #isLost = false;
  /** What is not sent in this kind of file; not known in front of its first message. */
  #hidden: number | null = null;

  constructor(entries: Entries, listener: EarlyListener) {
    this.#entries = entries;
    this.#listener = listener;
    listener.begin('anthropic');
  }

  /** The next record, which is in the entries already. */
  see(node: number, { flags, parent, value }: Entry): void {
    if ((flags & (is.user | is.assistant)) !== 0) {
      const aside = (flags & is.sidechain) !== 0;
      this.#hidden ??= is.unsent | is.team | (aside ? 0 : is.sidechain);
    }
    if ((flags & (this.#hidden ?? is.sidechain)) !== 0) return;
    if (parent === null && this.#records > 0) this.#begin(node);
    if ((flags & is.message) === 0 || this.#isLost) return;
    this.#isLost = !this.#isNear(node) || this.#isRepeated(node);
    if (!this.#isLost) this.#tell(node, value);
  }

  /** Tells what is left; true when all that was told is exactly this. */
  finish(messages: Grouped): boolean {
    for (const message of [this.#earlier, this.#last]) this.#hear(message);
    return !this.#isLost && this.#isSame(messages);
  }

  #begin(node: number): void {
    this.#earlier = null;
    this.#last = null;
    this.#from = node;
    this.#records = 0;
    this.#messages = 0;
    this.#isLost = false;
    this.#listener.begin('anthropic');
  }

  /** What it follows is one of the last records. */
  #isNear(node: number): boolean {
    const near = this.#earlier ?? this.#last;
    if (near === null) return true;
    const parent = this.#entries.parents.at(node);
    return parent >= 0 && this.#entries.entryOf.at(parent) >= near.first;
  }

  #isRepeated(node: number): boolean {
    const { repeated, ids } = this.#entries;
    return repeated.size > 0 && repeated.has(ids.at(node));
  }

  #tell(node: number, value: Entry['value']): void {
    const { flags } = this.#entries;
    const home = this.#homeOf(node);
    this.#records += 1;
    if (home === null) {
      this.#hear(this.#earlier);
      this.#earlier = this.#last;
      this.#last = { parts: new MessageParts(this.#entries), first: node, last: node };
      this.#messages += 1;
    }
    const message = home ?? this.#last;
    if (message === null) return;
    message.parts.add(node, value);
    message.last = node;
    const how = home === null ? is.begins : home === this.#last ? is.joins : is.joinsEarlier;
    flags.set(node, flags.at(node) | how);
  }

  /** The message that the record belongs to, by the rules of `grouping`; null for a new one. */
  #homeOf(node: number): OpenMessage | null {
    const { flags, groups } = this.#entries;
    const [last, earlier] = [this.#last, this.#earlier];
    if (last === null) return null;
    const answers = (flags.at(last.last) & is.pureResults) !== 0;
    if ((flags.at(node) & is.pureResults) !== 0) return answers ? last : null;
    const group = groups.at(node);
    if (group < 0) return null;
    if (groups.at(last.last) === group) return last;
    const goesOn = answers && earlier !== null && groups.at(earlier.last) === group;
    return goesOn ? earlier : null;
  }

  #hear(message: OpenMessage | null): void {
    if (message !== null) this.#listener.hear(message.parts.message());
  }

  /** Message by message, and record by record: the same ones, told as what they are. */
  #isSame({ nodes, starts }: Grouped): boolean {
    const flags = this.#entries.flags.values;
    const count = starts.length - 1;
    if (nodes.length !== this.#records || count !== this.#messages) return false;
    const firstOf = (message: number): number =>
      message < count ? (nodes[starts[message] ?? 0] ?? 0) : Infinity;
    let before = this.#from - 1;
    for (let message = 0; message < count; message += 1) {
      const first = firstOf(message);
      const next = firstOf(message + 1);
      const afterNext = firstOf(message + 2);
      if (first <= before || ((flags[first] ?? 0) & told) !== is.begins) return false;
      before = first;
      let last = first;
      const end = starts[message + 1] ?? 0;
      for (let at = (starts[message] ?? 0) + 1; at < end; at += 1) {
        const node = nodes[at] ?? 0;
        const how = (flags[node] ?? 0) & told;
        const isHere =
          (how === is.joins && node < next) ||
          (how === is.joinsEarlier && node > next && node < afterNext);
        if (node <= last || !isHere) return false;
        last = node;
      }
    }
    return true;
  }
}
