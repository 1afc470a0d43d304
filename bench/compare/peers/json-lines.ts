/**
 * JSON lines: one write and one fdatasync for a message, or for ten. With synchronous calls, which
 * is their fastest form; most programs that write them do not sync at all.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageAt } from '../messages.ts';
import { groupMessages } from './peer.ts';
import type { Peer } from './peer.ts';

/** One file, opened once. */
export class JsonLinesPeer implements Peer {
  readonly name = 'JSON lines';
  readonly group = groupMessages;
  readonly #file: number;
  #at = 0;

  constructor(directory: string) {
    this.#file = openSync(join(directory, 'lines.jsonl'), 'a');
  }

  append(count: number): Promise<void> {
    let lines = '';
    for (let made = 0; made < count; made += 1)
      lines += `${JSON.stringify(messageAt(this.#at++))}\n`;
    writeSync(this.#file, lines);
    fdatasyncSync(this.#file);
    return Promise.resolve();
  }

  close(): Promise<void> {
    closeSync(this.#file);
    return Promise.resolve();
  }
}
