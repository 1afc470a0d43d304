/**
 * What a user knows of the sessions, kept outside of the disk that is made to fail: what was sent, and
 * what was answered and how.
 */

/** How sure the user may be of one append. `failed`: told to have failed; it may be there all the same. */
export type Certainty = 'sent' | 'acknowledged' | 'durable' | 'failed';

/** Entries that were appended together; see `tokenOf` for the words that stand for them. */
export interface Group {
  readonly texts: readonly string[];
  certainty: Certainty;
}

/** One session as its user sees it. */
export interface SessionModel {
  readonly id: string;
  /** In the order in which they were submitted. */
  readonly groups: Group[];
  created: 'asked' | 'done' | 'failed';
  deleted: 'no' | 'asked' | 'done';
}

/** All sessions by id. */
export type Models = ReadonlyMap<string, SessionModel>;

/** What ended the process: what was only acknowledged survives a kill and not a power cut. */
export type End = 'kill' | 'power cut';

/** What is known now, for a look later: what is answered from now on is not in it. */
export function copyOf(models: Models): Models {
  return new Map([...models].map(([id, model]) => [id, copyOfModel(model)]));
}

function copyOfModel(model: SessionModel): SessionModel {
  return { ...model, groups: model.groups.map((group) => ({ ...group })) };
}

/**
 * A session was opened and compared: what is there is what it is from now on, and durable. So is an
 * append that failed with its journal and was proven to be written.
 */
export function adopt(model: SessionModel, words: readonly string[]): void {
  model.deleted = 'no';
  model.created = 'done';
  const groups = words.map((word): Group => ({ texts: [word], certainty: 'durable' }));
  model.groups.splice(0, model.groups.length, ...groups);
}

/**
 * Nothing about it is open. What became of an append that nobody answered is found out by reading, which
 * is not done in troubled times.
 */
export function isKnown(model: SessionModel): boolean {
  return model.groups.every(({ certainty }) => certainty === 'durable');
}

/** Why this content cannot be what is left of the session, or null when it can. Null for no session. */
export function faultOf(
  model: SessionModel,
  found: readonly string[] | null,
  end: End,
): string | null {
  if (found === null) {
    if (model.deleted !== 'no' || model.created !== 'done') return null;
    return 'the session is gone';
  }
  if (model.deleted === 'done') return 'the session was deleted and is there again';
  const walk = new GroupWalk(found, end);
  for (const [index, group] of model.groups.entries()) {
    const fault = walk.take(group, index);
    if (fault !== null) return fault;
  }
  if (walk.at === found.length) return null;
  return `entry ${walk.at} was never appended there: ${found[walk.at]?.slice(0, 40)}`;
}

/** Goes through the groups of a session and what was found, side by side. */
class GroupWalk {
  at = 0;
  readonly #found: readonly string[];
  readonly #end: End;
  #isOver = false;
  #failed: number | null = null;

  constructor(found: readonly string[], end: End) {
    this.#found = found;
    this.#end = end;
  }

  take({ texts, certainty }: Group, index: number): string | null {
    const there = texts.every((text, offset) => this.#found[this.at + offset] === text);
    if (there && !this.#isOver) {
      this.at += texts.length;
      if (certainty === 'failed') this.#failed ??= index;
      else if (this.#failed !== null)
        return `group ${this.#failed} failed and is there in front of group ${index}`;
      return null;
    }
    if (certainty === 'failed') return null;
    const needed =
      certainty === 'durable' || (certainty === 'acknowledged' && this.#end === 'kill');
    // A session whose deletion was asked for is gone, or whole.
    if (needed) {
      return `group ${index} was ${certainty} and is not there`;
    }
    // What comes behind something that is lost must be lost too: the rest is a prefix.
    this.#isOver = true;
    return null;
  }
}
