/** Types of workload.mjs. */
import type { Message } from 'holdfast';

export const sessionIds: readonly string[];
export function chance(seed: number): () => number;

/** Place of a message among those of one `appendAll`. */
export interface Group {
  readonly group: string;
  readonly count: number;
  readonly at: number;
}

export function messageAt(id: string, index: number, life: number, group?: Group | null): Message;
