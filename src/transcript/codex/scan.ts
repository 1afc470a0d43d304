/** One pass over a rollout file: rows for the history, facts, faults. */
import type { ByteSource } from '../byte-source.ts';
import type { FileRecord } from '../file-record.ts';
import { Found } from '../found.ts';
import { withoutRecord } from '../line-splices.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { loneBlock } from '../lone-content.ts';
import { bytesAt } from '../record-at.ts';
import { jsonLines } from '../records.ts';
import type { TranscriptFacts } from '../transcript.ts';
import { Ordinals } from './ordinals.ts';
import { Repeats } from './repeats.ts';
import { itemFlag, RolloutTable, rowKind } from './table.ts';

/** Items that stand in a record by themselves, in the oldest files. */
const bareTypes: ReadonlySet<string> = new Set([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'local_shell_call',
  'custom_tool_call',
  'custom_tool_call_output',
  'web_search_call',
]);

/** What one pass tells of a file. */
export interface RolloutScan {
  readonly table: RolloutTable;
  readonly found: Found;
  readonly facts: TranscriptFacts;
  readonly records: number;
  /** The last record, which decides where the file goes on. */
  readonly last: FileRecord | null;
  /** True when the records carry numbers that Codex counts on. */
  readonly isPaginated: boolean;
  /** True when those numbers have to be given anew. */
  readonly isMisnumbered: boolean;
  /** Offsets of records that stand twice. */
  readonly repeated: ReadonlySet<number>;
}

/** Reads a file once; yields how many bytes are done. */
export function* scanRollout(source: ByteSource): Generator<number, RolloutScan, void> {
  const scan = new Scan(source);
  for (const record of jsonLines(source, scan.found.onFault)) {
    scan.take(record);
    yield record.offset + record.length;
  }
  return scan.finish();
}

class Scan {
  readonly found = new Found();
  readonly #source: ByteSource;
  readonly #table = new RolloutTable();
  readonly #repeats: Repeats;
  readonly #ordinals = new Ordinals();
  readonly #repeated = new Set<number>();
  #meta: JsonObject | null = null;
  #title: string | null = null;
  #isPaginated = false;
  #records = 0;
  #last: FileRecord | null = null;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#repeats = new Repeats(source);
  }

  take(record: FileRecord): void {
    this.found.passed(record);
    this.#records += 1;
    this.#last = { ...record, value: null };
    const value = asObject(record.value);
    if (value === null) return this.#unexpected(record);
    const type = asText(value['type']);
    const payload = asObject(value['payload']);
    if (type !== null && payload !== null) this.#enveloped(record, value, type, payload);
    else if (type !== null && bareTypes.has(type)) {
      this.#table.addItem(record, value, itemFlag.isBare);
    } else if (type === null && typeof value['id'] === 'string' && 'timestamp' in value) {
      this.#meta ??= value;
    } else if (!('record_type' in value)) this.#unexpected(record);
  }

  finish(): RolloutScan {
    const end = this.#isPaginated ? this.#ordinals.end() : null;
    if (end !== null) this.found.tell(end, this.#last);
    const id = this.#meta?.['id'] ?? this.#meta?.['session_id'];
    if (asText(id) === null) {
      this.found.tell(
        {
          code: 'UNEXPECTED_RECORD',
          severity: 'error',
          meaning: 'No record tells the id of the session, so Codex does not resume this rollout.',
          fix: null,
        },
        null,
      );
    }
    return {
      table: this.#table,
      found: this.found,
      records: this.#records,
      last: this.#last,
      isPaginated: this.#isPaginated,
      isMisnumbered: this.#isPaginated && this.#ordinals.isBroken,
      repeated: this.#repeated,
      facts: {
        sessionId: asText(id),
        title: this.#title,
        cwd: asText(this.#meta?.['cwd']),
        version: asText(this.#meta?.['cli_version']),
        model: this.#table.lastModel,
      },
    };
  }

  #enveloped(record: FileRecord, value: JsonObject, type: string, payload: JsonObject): void {
    const isHistory = type === 'response_item' || type === 'compacted';
    if (isHistory && this.#repeats.isRepeated(record, value)) return this.#twice(record);
    if (type === 'session_meta' && this.#meta === null) {
      this.#meta = payload;
      this.#isPaginated = payload['history_mode'] === 'paginated';
    }
    if (this.#isPaginated) {
      const remark = this.#ordinals.next(value['ordinal']);
      if (remark !== null) this.found.tell(remark, record);
    }
    switch (type) {
      case 'response_item':
        this.#look(record, payload);
        return this.#table.addItem(record, payload, 0);
      case 'inter_agent_communication':
        return this.#table.addItem(
          record,
          { ...payload, type: 'agent_message' },
          itemFlag.isLetter,
        );
      case 'compacted':
        return this.#compacted(record, payload);
      case 'turn_context':
        if (typeof payload['model'] === 'string') this.#table.setModel(payload['model']);
        return this.#table.addTurn(record, rowKind.context, payload['turn_id']);
      case 'event_msg':
        return this.#event(record, payload);
      default:
    }
  }

  #look(record: FileRecord, { type, content }: JsonObject): void {
    if (type !== 'message' || loneBlock(content) === null) return;
    const bytes = bytesAt(this.#source, record.offset, record.length);
    this.found.lone(record, bytes, ['payload', 'content']);
  }

  #compacted(record: FileRecord, payload: JsonObject): void {
    const replacement = payload['replacement_history'];
    if (Array.isArray(replacement)) this.#table.addReplacement(record, replacement);
    else this.#table.addSummary(record, asText(payload['message']) ?? '');
  }

  #event(record: FileRecord, payload: JsonObject): void {
    switch (payload['type']) {
      case 'thread_rolled_back':
        return this.#table.addRollback(record, payload['num_turns']);
      case 'task_started':
      case 'turn_started':
        return this.#table.addTurn(record, rowKind.started, payload['turn_id']);
      case 'task_complete':
      case 'turn_complete':
        return this.#table.addTurn(record, rowKind.completed, payload['turn_id']);
      case 'turn_aborted':
        return this.#table.addTurn(record, rowKind.aborted, payload['turn_id']);
      case 'user_message':
        return this.#table.addTurn(record, rowKind.userEvent, null);
      case 'thread_name_updated':
        this.#title = asText(payload['thread_name']) ?? asText(payload['name']) ?? this.#title;
        return;
      default:
    }
  }

  #twice(record: FileRecord): void {
    this.#repeated.add(record.offset);
    this.found.takeOut(withoutRecord(this.#source, record));
    this.found.tell(
      {
        code: 'DUPLICATE_RECORD',
        severity: 'warning',
        meaning: 'The record stands here a second time, with the same time and content.',
        fix: 'The copy is taken out.',
      },
      record,
    );
  }

  #unexpected(record: FileRecord): void {
    this.found.tell(
      {
        code: 'UNEXPECTED_RECORD',
        severity: 'warning',
        meaning: 'This is JSON, but no record of a rollout; Codex skips it.',
        fix: null,
      },
      record,
    );
  }
}
