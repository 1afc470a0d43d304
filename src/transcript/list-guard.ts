/**
 * Whether what is read as an element of a list is one, and where the list goes on behind damage:
 * counted from the end of the file where that is sound (`list-border.ts`), told by how the elements
 * look where it is damaged as well.
 */
import type { ByteSource } from './byte-source.ts';
import { ElementLooks } from './element-looks.ts';
import type { Held, JsonCursor } from './json-cursor.ts';
import { byte, trimBlanks } from './json-scan.ts';
import type { ListBorder } from './list-border.ts';
import { isElementAt, listBorder, standsInObjects } from './list-border.ts';

/** How a search for the next element ended; `torn`: the file ends inside of its value. */
export type Resumed = 'found' | 'none' | 'torn';

/** `],"a":[`: in so many zero bytes a list may end, and another one begin in the same object. */
const otherListBytes = 8;

/** One list, of which the cursor reads the elements. */
export class ListGuard {
  readonly looks: ElementLooks = new ElementLooks();
  readonly #source: ByteSource;
  readonly #cursor: JsonCursor;
  /** The objects around the list. */
  readonly #objects: number;
  /** Runs of zero bytes that are known to have taken no bracket. */
  #trusted = { inside: 0, between: 0 };
  /**
   * From where on the bytes tell where the list goes on; null when nothing stands behind damage.
   */
  #lookFrom: number | null = null;
  /** True when the list may have ended in zero bytes, and another one begun. */
  #mayBeOther = false;
  #isFirst = true;

  constructor(source: ByteSource, cursor: JsonCursor, objects: number) {
    this.#source = source;
    this.#cursor = cursor;
    this.#objects = objects;
  }

  /** True when the bracket at the cursor opens the list, whatever zero bytes took before. */
  opensList(): boolean {
    if (!this.#isDoubtful()) return true;
    const opens = this.standsThere(this.#cursor.offset) ?? true;
    if (opens) this.#trust();
    return opens;
  }

  /** True when the bracket at an offset stands where the list does; null when nothing tells. */
  standsThere(offset: number): boolean | null {
    return standsInObjects(this.#source, offset, this.#objects);
  }

  /** False when zero bytes took brackets or names, so that no member of the object ends here. */
  isBetweenMembers(offset: number, depth: number): boolean {
    if (!this.#isDoubtful()) return true;
    const isOne = standsInObjects(this.#source, offset, depth + 1) ?? true;
    if (isOne) this.#trust();
    return isOne;
  }

  /** True when the bracket at the cursor closes the list, and not one in a damaged element. */
  closesList(): boolean {
    if (!this.#isDoubtful()) return true;
    const { nulsEnd, offset } = this.#cursor;
    this.#lookFrom = nulsEnd;
    const border = this.#border(nulsEnd, offset - 1, 'nothing');
    return border === null || border.next === offset;
  }

  /**
   * Whether the value at the cursor, which is held, is an element. `other`: it is one of this list
   * or of another one, in which it stands if this list ended in zero bytes.
   */
  judge(held: Held, value: unknown): 'element' | 'other' | 'none' {
    if (!this.#isFollowed(held, value) || !this.#isCredible(held, value)) return 'none';
    if (this.#mayBeOther && !this.looks.isKin(value)) return 'other';
    this.#mayBeOther = false;
    this.#isFirst = false;
    this.looks.saw(value);
    return 'element';
  }

  /** What is held at the cursor, if anything, is no value. */
  noValue(held: Held | null): void {
    const { offset, stop, stopAt } = this.#cursor;
    if (held !== null) this.#lookFrom = offset + held.to - held.from;
    else this.#lookFrom = stop === 'long' ? offset : stopAt;
  }

  /**
   * Moves to the next element, or to the end of the list, behind damage. `comma`: the damage stands
   * where a comma should, so that the element may begin at once.
   */
  resume(missing: 'comma' | 'element'): Resumed {
    const cursor = this.#cursor;
    const { offset } = cursor;
    const at = missing === 'comma' ? offset : this.#lookFrom;
    const behind = missing === 'comma' ? offset - 1 : offset;
    const border = at === null ? null : this.#border(at, behind, 'byte');
    if (border !== null) {
      this.#doubt(offset, at ?? offset);
      const passed = missing === 'element' && at !== null ? this.#passed(offset, at) : null;
      return this.#moveTo(passed ?? border.next);
    }
    // All is sound up to the end: to look for elements inside would make parts of one to some.
    if (missing === 'element' && cursor.stop === 'unfinished') return 'torn';
    return cursor.seek(this.looks) ? 'found' : 'none';
  }

  /**
   * A quote that was lost, or is one too many, is noticed only behind the next quote, and an
   * element may begin between the two: the first one from where on the file is sound.
   */
  #passed(from: number, to: number): number | null {
    const start = Math.max(from + 1, to - lookBytes);
    const bytes = this.#read(start, Math.max(start, to));
    let looks = passedMax;
    for (let at = bytes.indexOf(byte.open); at >= 0; at = bytes.indexOf(byte.open, at + 1)) {
      const before = trimBlanks(bytes, 0, at);
      // Zero bytes may have taken the comma.
      const front = bytes[before - 1];
      if (front !== byte.comma && front !== 0) continue;
      if (isElementAt(this.#source, start + at, this.#objects + 1)) return start + at;
      looks -= 1;
      if (looks === 0) break;
    }
    return null;
  }

  #moveTo(next: number | null): Resumed {
    this.#cursor.moveToOffset(next ?? this.#cursor.size);
    this.#trust();
    return next === null ? 'none' : 'found';
  }

  /** A word is an element only where the list goes on behind it: else it is a byte of damage. */
  #isFollowed(held: Held, value: unknown): boolean {
    if (typeof value === 'object' && value !== null) return true;
    this.noValue(held);
    const follows = this.#cursor.behind(held);
    return follows === byte.comma || follows === byte.closeArray || follows < 0;
  }

  /**
   * Zero bytes may have been written over brackets: then what stands behind them may be a part of
   * an element, or end elsewhere.
   */
  #isCredible(held: Held, value: unknown): boolean {
    if (!this.#isDoubtful()) return true;
    const { nulsEnd, offset } = this.#cursor;
    const border = this.#border(nulsEnd, offset - 1, 'nothing');
    const isBehind = nulsEnd <= offset;
    this.#lookFrom = nulsEnd;
    const end = offset + held.to - held.from;
    const isBorder = isBehind ? border?.next === offset : border?.elementEnd === end;
    const isOne = border === null ? this.#looksAsOne(held, value) : isBorder;
    if (isOne) this.#doubt(nulsEnd - otherListBytes, nulsEnd);
    if (isOne) this.#trust();
    return isOne;
  }

  #looksAsOne({ from, to }: Held, value: unknown): boolean {
    const { bytes, nulRuns } = this.#cursor;
    const isInside = this.#trusted.inside !== nulRuns.inside;
    if (typeof value !== 'object') return false;
    if (this.#isFirst && isInside) return true;
    // The cursor holds the value, and not always what stands around it.
    const { offset } = this.#cursor;
    const front = this.#read(Math.max(0, offset - lookBytes), offset);
    const end = offset + to - from;
    const behind = this.#read(end, Math.min(end + lookBytes, this.#source.size));
    const stands = this.looks.mayBegin(front, front.length) && this.looks.endsAsOne(behind, 0);
    return stands && (!isInside || this.looks.like(bytes, from, to));
  }

  #read(from: number, to: number): Buffer {
    return Buffer.from(this.#source.read(from, to - from));
  }

  /** The list may have ended between two offsets when so many zero bytes stand there. */
  #doubt(from: number, to: number): void {
    if (this.#objects === 0) return;
    const start = Math.max(0, from);
    for (let at = start; at < to; at += lookBytes - otherListBytes) {
      const bytes = this.#source.read(at, Math.min(lookBytes, to - at));
      if (Buffer.from(bytes).includes(Buffer.alloc(otherListBytes))) this.#mayBeOther = true;
    }
  }

  /** Zero bytes were passed over, and nothing has shown yet that they took no bracket. */
  #isDoubtful(): boolean {
    const { inside, between } = this.#cursor.nulRuns;
    return this.#trusted.inside !== inside || this.#trusted.between !== between;
  }

  #trust(): void {
    this.#trusted = { ...this.#cursor.nulRuns };
  }

  #border(at: number, behind: number, doubtful: 'byte' | 'nothing'): ListBorder | null {
    return listBorder(this.#source, at, { depth: this.#objects + 1, behind, doubtful });
  }
}

const lookBytes = 64 * 1024;
/** So many braces are looked at for an element that was passed. */
const passedMax = 64;
