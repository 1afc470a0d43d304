/**
 * Reads payloads where they lie, without making objects of them: the part of MessagePack that
 * `encodePayload` writes for nearly every value. Whoever checks a store looks at every payload and
 * keeps none, and objects would cost more than all other checks.
 *
 * Invariant: what is read here is what `decodePayload` gives. Whatever might be an exception to
 * that (extensions, 64-bit integers, bytes, odd keys, deep nesting, fix-ups) is `odd`, which says
 * nothing of the payload but that the decoder has to look at it.
 */
import { viewOf } from './bytes.ts';

/** What begins at a place. */
export type PlainKind = 'odd' | 'null' | 'boolean' | 'number' | 'text' | 'array' | 'map';

/** Deeper nesting is left to the decoder, which knows the bound. */
const depthMax = 32;

const noBytes = new Uint8Array(0);
const noView: DataView = viewOf(noBytes);

/** A reader that is used for one payload after the other. */
export class PlainReader {
  bytes: Uint8Array = noBytes;
  /** Where the next value begins; behind `next`, where the content of the value does. */
  at = 0;
  /** Bytes of a text, elements of an array, members of a map; 0 for all else. */
  size = 0;
  /** Of a number or boolean, which is 0 or 1. */
  value = 0;
  /** On the bytes. */
  view: DataView = noView;

  /** Begins at a byte of a payload, by default at the first. */
  open(bytes: Uint8Array, at = 0): void {
    this.at = at;
    // A view costs as much as a short payload.
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  /** Lets go of the bytes, which may be part of much larger memory. */
  close(): void {
    this.bytes = noBytes;
    this.view = noView;
  }

  /** True behind the last byte. */
  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** Moves behind the head of a value, which of text, array and map leaves the content. */
  next(): PlainKind {
    this.size = 0;
    this.value = 0;
    const token = this.bytes[this.at] ?? 0xc1;
    this.at += 1;
    if (token < 0x80) return this.#number(token, 0);
    if (token < 0x90) return this.#sized('map', token & 0x0f, 0);
    if (token < 0xa0) return this.#sized('array', token & 0x0f, 0);
    if (token < 0xc0) return this.#text(token & 0x1f, 0);
    if (token >= 0xe0) return this.#number(token - 256, 0);
    return this.#long(token);
  }

  /** Moves behind a value; false when something in it is odd. */
  skip(depth = 0): boolean {
    const kind = this.next();
    if (kind === 'text') this.at += this.size;
    if (kind !== 'array' && kind !== 'map') return kind !== 'odd';
    if (depth === depthMax) return false;
    for (let left = this.size; left > 0; left -= 1) {
      if (kind === 'map' && !this.key()) return false;
      if (kind === 'map') this.at += this.size;
      if (!this.skip(depth + 1)) return false;
    }
    return true;
  }

  /** Moves to the text of a member's name; false for one that is not of plain characters. */
  key(): boolean {
    return this.next() === 'text' && this.isPlain(this.at, this.size) && !this.#isPrototype();
  }

  /** True when the text at this place is this one, which is of plain characters. */
  is(text: string, at: number = this.at, size: number = this.size): boolean {
    if (size !== text.length) return false;
    for (let index = 0; index < size; index += 1) {
      if (this.bytes[at + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  /** True for a text of visible ASCII characters that JSON does not escape. */
  isPlain(at: number, size: number): boolean {
    for (let index = at; index < at + size; index += 1) {
      const byte = this.bytes[index] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return false;
    }
    return true;
  }

  /** A text of plain characters. */
  textAt(at: number, size: number): string {
    let text = '';
    for (let index = at; index < at + size; index += 1) {
      text += String.fromCharCode(this.bytes[index] ?? 0);
    }
    return text;
  }

  /** The decoder gives members of this name another one. */
  #isPrototype(): boolean {
    return this.bytes[this.at] === 0x5f && this.is('__proto__');
  }

  #number(value: number, bytes: number): PlainKind {
    this.value = value;
    this.at += bytes;
    return 'number';
  }

  #sized(kind: 'array' | 'map', size: number, bytes: number): PlainKind {
    this.size = size;
    this.at += bytes;
    return kind;
  }

  #text(size: number, bytes: number): PlainKind {
    this.size = size;
    this.at += bytes;
    return this.at + size <= this.bytes.length ? 'text' : 'odd';
  }

  #has(bytes: number): boolean {
    return this.at + bytes <= this.bytes.length;
  }

  #long(token: number): PlainKind {
    const [view, at] = [this.view, this.at];
    switch (token) {
      case 0xc0:
        return 'null';
      case 0xc2:
      case 0xc3:
        this.value = token & 1;
        return 'boolean';
      case 0xcb: {
        const value = this.#has(8) ? view.getFloat64(at) : Number.NaN;
        return Number.isFinite(value) ? this.#number(value, 8) : 'odd';
      }
      case 0xcc:
        return this.#has(1) ? this.#number(view.getUint8(at), 1) : 'odd';
      case 0xcd:
        return this.#has(2) ? this.#number(view.getUint16(at), 2) : 'odd';
      case 0xce:
        return this.#has(4) ? this.#number(view.getUint32(at), 4) : 'odd';
      case 0xd0:
        return this.#has(1) ? this.#number(view.getInt8(at), 1) : 'odd';
      case 0xd1:
        return this.#has(2) ? this.#number(view.getInt16(at), 2) : 'odd';
      case 0xd2:
        return this.#has(4) ? this.#number(view.getInt32(at), 4) : 'odd';
      case 0xd9:
        return this.#has(1) ? this.#text(view.getUint8(at), 1) : 'odd';
      case 0xda:
        return this.#has(2) ? this.#text(view.getUint16(at), 2) : 'odd';
      case 0xdb:
        return this.#has(4) ? this.#text(view.getUint32(at), 4) : 'odd';
      case 0xdc:
        return this.#has(2) ? this.#sized('array', view.getUint16(at), 2) : 'odd';
      case 0xde:
        return this.#has(2) ? this.#sized('map', view.getUint16(at), 2) : 'odd';
      default:
        return 'odd';
    }
  }
}

/** One for all who read a payload from its beginning to its end without a turn in between. */
export const plainReader: PlainReader = new PlainReader();
