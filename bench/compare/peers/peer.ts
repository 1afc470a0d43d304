/** A log that takes part, with full durability, used as its own users would use it. */

/** Each keeps its data below a directory of its own. */
export interface Peer {
  readonly name: string;
  /** How many messages it takes at a time when many wait; 1 where it groups by itself. */
  readonly group: number;
  /** Appends so many messages as one unit; they are on the disk when it resolves. */
  append(count: number): Promise<void>;
  /** Finishes what goes on in the background, where the log can be asked to. */
  rest?(): Promise<void>;
  close(): Promise<void>;
}

/** Of those who do not group by themselves: a transaction, a batch, a write of ten. */
export const groupMessages = 10;
