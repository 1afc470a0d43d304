/**
 * The storage of older versions of opencode: one file of JSON for each session, message and part. A
 * file that a full disk left without bytes makes the tool give the whole session up; here it is a
 * finding, and everything else is read.
 */
import { addAll } from '../../base/lists.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { Place } from '../../integrity/conversation.ts';
import { listFolder, readSmallFile } from '../../platform/folder.ts';
import { asBuffer, parseBytes } from '../decode.ts';
import { inexactFindings, recordFinding } from '../fault-finding.ts';
import { scanValue } from '../json-scan.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, textOf } from '../json-value.ts';
import { lostSessionFinding } from '../lost-session.ts';
import type { StoredSession, TranscriptStore } from '../transcript-store.ts';
import { noSuchSession, rowPlace } from '../transcript-store.ts';
import { lostInFolder } from './lost-parts.ts';
import type { KeptMessage, LostMessage } from './lost-parts.ts';
import type { PlacedPart, StoredMessage } from './session.ts';
import { storedTranscript } from './stored-session.ts';

/** The sessions below a folder, or null when it is no storage of opencode. */
export function opencodeFiles(path: string): TranscriptStore | null {
  for (const root of [path, `${path}/storage`]) {
    const names = new Set(listFolder(root).map(({ name }) => name));
    if (names.has('message') && names.has('session')) return new FileStore(root);
  }
  return null;
}

/** A file of JSON: its name without the ending, and where it is. */
interface JsonPath {
  readonly name: string;
  readonly path: string;
}

class FileStore implements TranscriptStore {
  readonly format = 'opencode';
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  sessions(): readonly StoredSession[] {
    const known = this.#sessionFiles();
    // Messages whose session file is lost are listed all the same.
    const folders = this.#folders(`${this.#root}/message`);
    // Of a session that was deleted the tool leaves the empty folder.
    const lost = folders.filter((id) => jsonFiles(`${this.#root}/message/${id}`).length > 0);
    const ids = new Set([...known.keys(), ...lost]);
    return [...ids]
      .map((id) => this.#listed(id, objectAt(known.get(id))))
      .toSorted((a, b) => (b.updatedMs ?? 0) - (a.updatedMs ?? 0) || (a.id < b.id ? 1 : -1));
  }

  open(id: string): ReturnType<TranscriptStore['open']> {
    const path = this.#sessionFiles().get(id);
    const files = jsonFiles(`${this.#root}/message/${safe(id)}`);
    if (path === undefined && files.length === 0) return noSuchSession(id);
    const findings = path === undefined ? [lostSessionFinding(id, 'file')] : [];
    const damage = new FileDamage(findings);
    const session = path === undefined ? null : damage.read({ name: id, path }, rowPlace(0, id));
    const flat = this.#flatParts();
    const read = files.flatMap((file, index) => {
      const info = damage.read(file, rowPlace(index, file.name));
      return info === null ? [] : [{ file, info }];
    });
    const messages = read
      .toSorted(
        (a, b) => createdMs(a.info) - createdMs(b.info) || (a.file.name < b.file.name ? -1 : 1),
      )
      .map(({ file, info }, index) => this.#message(file, info, index, damage, flat));
    const kept = read.map(({ file, info }): KeptMessage => {
      return { id: textOf(info, 'id') ?? file.name, role: textOf(info, 'role') };
    });
    addAll(findings, lostInFolder(this.#lostMessages(id, kept, flat), kept));
    return storedTranscript({ session: { id, ...session }, messages, findings, mends: [] });
  }

  close(): void {
    // No file stays open.
  }

  #message(
    file: JsonPath,
    info: JsonObject,
    index: number,
    damage: FileDamage,
    flat: ReadonlyMap<string, readonly JsonPath[]>,
  ): StoredMessage {
    const id = textOf(info, 'id') ?? file.name;
    const own = jsonFiles(`${this.#root}/part/${safe(id)}`);
    const parts = own.length > 0 ? own : (flat.get(id) ?? []);
    return {
      id,
      place: rowPlace(index, id),
      info: () => damage.read(file, rowPlace(index, id)) ?? {},
      parts: () =>
        parts.flatMap((part): PlacedPart[] => {
          const value = damage.read(part, rowPlace(index, part.name));
          const place = rowPlace(index, textOf(value, 'id') ?? part.name);
          return value === null ? [] : [{ value, place }];
        }),
    };
  }

  /** Messages of a session that are gone, with their parts: a part names its session. */
  #lostMessages(
    session: string,
    kept: readonly KeptMessage[],
    flat: ReadonlyMap<string, readonly JsonPath[]>,
  ): readonly LostMessage[] {
    const folders = this.#folders(`${this.#root}/message`);
    const known = new Set(kept.map(({ id }) => id));
    for (const folder of folders) {
      for (const { name } of jsonFiles(`${this.#root}/message/${folder}`)) known.add(name);
    }
    const own = this.#folders(`${this.#root}/part`).map((id): [string, readonly JsonPath[]] => {
      return [id, known.has(id) ? [] : jsonFiles(`${this.#root}/part/${id}`)];
    });
    return [...own, ...flat].flatMap(([id, files]): LostMessage[] => {
      if (known.has(id)) return [];
      const parts = files.map(({ name, path }) => ({ id: name, value: objectAt(path) }));
      const named = parts.map(({ value }) => textOf(value, 'sessionID')).find(Boolean);
      const isOwn = named === undefined ? folders.length === 1 : named === session;
      return isOwn && parts.length > 0 ? [{ id, parts }] : [];
    });
  }

  /** The first versions put all parts into one folder, and each part names its message. */
  #flatParts(): ReadonlyMap<string, readonly JsonPath[]> {
    const byMessage = new Map<string, JsonPath[]>();
    for (const file of jsonFiles(`${this.#root}/part`)) {
      const message = textOf(objectAt(file.path), 'messageID');
      if (message !== null) byMessage.set(message, [...(byMessage.get(message) ?? []), file]);
    }
    return byMessage;
  }

  #sessionFiles(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const root = `${this.#root}/session`;
    for (const folder of [root, ...this.#folders(root).map((name) => `${root}/${name}`)]) {
      for (const { name, path } of jsonFiles(folder)) {
        found.set(textOf(objectAt(path), 'id') ?? name, path);
      }
    }
    return found;
  }

  #listed(id: string, session: JsonObject | null): StoredSession {
    const updated = asObject(session?.['time'])?.['updated'];
    return {
      id,
      title: textOf(session, 'title'),
      cwd: textOf(session, 'directory'),
      updatedMs: typeof updated === 'number' ? updated : null,
      messages: jsonFiles(`${this.#root}/message/${safe(id)}`).length,
      parentId: textOf(session, 'parentID'),
    };
  }

  #folders(path: string): readonly string[] {
    return listFolder(path).flatMap(({ name, kind }) => (kind === 'folder' ? [name] : []));
  }
}

/** An id of a file that was damaged must not lead out of the storage. */
function safe(id: string): string {
  return /[/\\]|^\.\.?$/.test(id) ? '-' : id;
}

function jsonFiles(folder: string): readonly JsonPath[] {
  return listFolder(folder)
    .filter(({ name, kind }) => kind === 'file' && name.endsWith('.json'))
    .map(({ name }) => ({ name: name.slice(0, -'.json'.length), path: `${folder}/${name}` }));
}

function objectAt(path: string | undefined): JsonObject | null {
  const bytes = path === undefined ? null : readSmallFile(path);
  return bytes === null ? null : asObject(parseBytes(asBuffer(bytes), 0, bytes.length));
}

function createdMs(info: JsonObject): number {
  const created = asObject(info['time'])?.['created'];
  return typeof created === 'number' ? created : 0;
}

/** Files that cannot be read as they stand there are told once, however often they are read. */
class FileDamage {
  readonly #findings: TranscriptFinding[];
  readonly #told = new Set<string>();

  constructor(findings: TranscriptFinding[]) {
    this.#findings = findings;
  }

  read({ name, path }: JsonPath, place: Place): JsonObject | null {
    const bytes = asBuffer(readSmallFile(path) ?? new Uint8Array(0));
    const value = asObject(parseBytes(bytes, 0, bytes.length));
    if (this.#told.has(path)) return value;
    this.#told.add(path);
    if (value !== null) {
      addAll(this.#findings, inexactFindings(bytes.toString('utf8'), place));
      return value;
    }
    const { code, what } = faultOf(bytes);
    const meaning = `The file of ${name} ${what}; opencode itself cannot open the session with it.`;
    const finding = recordFinding('UNEXPECTED_RECORD', 'error', place, meaning);
    const fix = `Move ${name}.json out of the storage; nothing of it can be read.`;
    this.#findings.push({ ...finding, code, fix });
    return null;
  }
}

function faultOf(bytes: Uint8Array): {
  readonly code: 'TORN_RECORD' | 'NUL_RUN' | 'MALFORMED_RECORD';
  readonly what: string;
} {
  if (bytes.length === 0) return { code: 'TORN_RECORD', what: 'has no bytes' };
  if (bytes.every((byte) => byte === 0)) {
    return { code: 'NUL_RUN', what: 'holds nothing but zero bytes' };
  }
  const isTorn = scanValue(bytes, 0, bytes.length).kind === 'unfinished';
  if (isTorn) return { code: 'TORN_RECORD', what: 'ends in the middle' };
  return { code: 'MALFORMED_RECORD', what: 'is no JSON object' };
}
