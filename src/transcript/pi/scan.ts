/** One pass over a session of pi: the tree of entries, facts, faults. */
import { sameValue } from '../../base/deep-json.ts';
import type { ByteSource } from '../byte-source.ts';
import type { FileRecord } from '../file-record.ts';
import { Found } from '../found.ts';
import { withoutRecord } from '../line-splices.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { loneBlock } from '../lone-content.ts';
import { bytesAt, recordAt } from '../record-at.ts';
import { jsonLines } from '../records.ts';
import type { ModelNames } from './profile.ts';
import { EntryTree } from './tree.ts';

/** What one pass tells of a file. */
export interface SessionScan {
  readonly tree: EntryTree;
  readonly found: Found;
  readonly records: number;
  readonly header: JsonObject | null;
  readonly title: string | null;
  readonly last: FileRecord | null;
}

/** Reads a file once; yields how many bytes are done. */
export function* scanSession(source: ByteSource): Generator<number, SessionScan, void> {
  const scan = new Scan(source);
  for (const record of jsonLines(source, scan.found.onFault)) {
    scan.take(record);
    yield record.offset + record.length;
  }
  return scan.finish();
}

/** Sessions before version 2 have no ids: their entries follow each other. */
function isLinear(header: JsonObject | null): boolean {
  const version = header?.['version'];
  return header !== null && !(typeof version === 'number' && version >= 2);
}

class Scan {
  readonly found = new Found();
  readonly #source: ByteSource;
  #tree: EntryTree | null = null;
  #header: JsonObject | null = null;
  #title: string | null = null;
  #records = 0;
  #last: FileRecord | null = null;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  take(record: FileRecord): void {
    this.found.passed(record);
    const isFirst = this.#records === 0;
    this.#records += 1;
    this.#last = { ...record, value: null };
    const value = asObject(record.value);
    const type = asText(value?.['type']);
    if (value === null || type === null) return this.#unexpected(record);
    if (type === 'session') {
      if (this.#header === null) this.#header = value;
      if (!isFirst) this.#misplacedHeader(record);
      return;
    }
    if (isFirst) this.#withoutHeader(record);
    this.#entry(record, value, type);
  }

  finish(): SessionScan {
    return {
      tree: this.#entries(),
      found: this.found,
      records: this.#records,
      header: this.#header,
      title: this.#title,
      last: this.#last,
    };
  }

  #entries(): EntryTree {
    return (this.#tree ??= new EntryTree(isLinear(this.#header)));
  }

  #entry(record: FileRecord, value: JsonObject, type: string): void {
    if (type === 'session_info') this.#title = asText(value['name']) ?? this.#title;
    const tree = this.#entries();
    const id = asText(value['id']);
    const known = id === null ? -1 : tree.find(id);
    if (known >= 0) {
      const isSame = sameValue(recordAt(this.#source, tree.place(known)), value);
      if (isSame) return this.#twice(record);
      this.found.tell(
        {
          code: 'CONFLICTING_RECORD',
          severity: 'error',
          meaning: `Another entry has the id ${id ?? ''} and other content; pi takes the later.`,
          fix: null,
        },
        record,
      );
    }
    if (id === null && !tree.isLinear) return this.#unexpected(record);
    this.#look(record, value, type);
    tree.add(record, value);
  }

  #look(record: FileRecord, value: JsonObject, type: string): void {
    const holder = type === 'message' ? asObject(value['message']) : value;
    if (loneBlock(holder?.['content']) === null) return;
    const path = type === 'message' ? ['message', 'content'] : ['content'];
    this.found.lone(record, bytesAt(this.#source, record.offset, record.length), path);
  }

  #twice(record: FileRecord): void {
    this.found.takeOut(withoutRecord(this.#source, record));
    this.found.tell(
      {
        code: 'DUPLICATE_RECORD',
        severity: 'warning',
        meaning: 'The entry stands here a second time, with the same id and content.',
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
        meaning: 'This is JSON, but no entry of a session of pi.',
        fix: null,
      },
      record,
    );
  }

  #withoutHeader(record: FileRecord): void {
    this.found.tell(
      {
        code: 'UNEXPECTED_RECORD',
        severity: 'error',
        meaning: 'The file does not begin with a session header, so pi shows an empty session.',
        fix: null,
      },
      record,
    );
  }

  #misplacedHeader(record: FileRecord): void {
    this.found.tell(
      {
        code: 'UNEXPECTED_RECORD',
        severity: 'warning',
        meaning: 'A session header stands inside the file; only the first record may be one.',
        fix: null,
      },
      record,
    );
  }
}

/** The model that a session used last, along its path. */
export function lastModel(
  source: ByteSource,
  tree: EntryTree,
  path: { readonly length: number; at(index: number): number },
): ModelNames {
  let chosen: ModelNames | null = null;
  for (let index = path.length - 1; index >= 0; index -= 1) {
    const entry = recordAt(source, tree.place(path.at(index)));
    const message = asObject(entry['message']);
    if (entry['type'] === 'model_change' && chosen === null) {
      const { provider, modelId } = entry;
      chosen = { api: null, provider: asText(provider), model: asText(modelId) };
    } else if (message?.['role'] === 'assistant' && message['provider'] !== 'openclaw') {
      const { api, provider, model } = message;
      const said: ModelNames = {
        api: asText(api),
        provider: asText(provider),
        model: asText(model),
      };
      // A change to a model of the same provider says nothing about the interface; this does.
      if (chosen === null) return said;
      return chosen.provider === said.provider ? { ...chosen, api: said.api } : chosen;
    }
  }
  return chosen ?? { api: null, provider: null, model: null };
}
