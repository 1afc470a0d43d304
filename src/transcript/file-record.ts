/** One record of a transcript file, as it is read. */
import type { ByteCode } from '../integrity/finding.ts';
import type { Splice } from './splice.ts';

/** One JSON value, with its place. */
export interface FileRecord {
  /** 0-based. */
  readonly index: number;
  /** Of its first byte. */
  readonly offset: number;
  /** Bytes of the JSON text, without line end. */
  readonly length: number;
  /** 1-based line on which it begins. */
  readonly line: number;
  readonly value: unknown;
}

/** Something wrong with the bytes, and what would mend it without touching anything else. */
export interface ByteFault {
  readonly code: ByteCode;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  /** What was found there, in one sentence. */
  readonly meaning: string;
  readonly mend: Splice | null;
}
