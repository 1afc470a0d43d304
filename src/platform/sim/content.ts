/**
 * The bytes of a simulated file in pages that are shared until written: a copy of a file costs one
 * array of references, and equal pages of two states are mostly the same object, which makes clones
 * and crashes cheap.
 *
 * Invariants: a page is written only when this content owns it; bytes behind the size are zero; a
 * page that was never written is a hole, reads as zeros, and takes no room.
 */
import { assert } from '../../base/assert.ts';

/** What the page cache moves as one. */
export const pageBytes = 4096;
/** What a disk writes as one. */
export const sectorBytes = 512;

const zeroPage = new Uint8Array(pageBytes);

/** The bytes of one state of a file. Offsets and sizes are in bytes, indices in pages. */
export class Content {
  #pages: (Uint8Array | undefined)[] = [];
  #size = 0;
  #allocated = 0;
  readonly #owned = new Set<number>();

  get size(): number {
    return this.#size;
  }

  get pageCount(): number {
    return this.#pages.length;
  }

  /** Pages that take room: all but the holes. */
  get allocatedPages(): number {
    return this.#allocated;
  }

  /** The page for reading; never written to by the caller. */
  page(index: number): Uint8Array {
    return this.#pages[index] ?? zeroPage;
  }

  isHole(index: number): boolean {
    return this.#pages[index] === undefined;
  }

  /** A content with the same bytes. Both go on sharing pages until one of them writes. */
  share(): Content {
    const copy = new Content();
    copy.#pages = this.#pages.slice();
    copy.#size = this.#size;
    copy.#allocated = this.#allocated;
    this.#owned.clear();
    return copy;
  }

  read(into: Uint8Array, at: number): number {
    const length = Math.max(0, Math.min(into.length, this.#size - at));
    let done = 0;
    while (done < length) {
      const from = (at + done) % pageBytes;
      const count = Math.min(pageBytes - from, length - done);
      const page = this.page(Math.floor((at + done) / pageBytes));
      into.set(count === pageBytes ? page : page.subarray(from, from + count), done);
      done += count;
    }
    return length;
  }

  /** Writes all bytes, growing the file, and tells the index of every page that it touched. */
  write(bytes: Uint8Array, at: number, touched: Set<number>): void {
    if (at + bytes.length > this.#size) this.resize(at + bytes.length);
    let done = 0;
    while (done < bytes.length) {
      const index = Math.floor((at + done) / pageBytes);
      const from = (at + done) % pageBytes;
      const count = Math.min(pageBytes - from, bytes.length - done);
      const part = bytes.subarray(done, done + count);
      if (count === pageBytes) this.#replace(index, part);
      else this.#writable(index).set(part, from);
      touched.add(index);
      done += count;
    }
  }

  /** Cuts, or grows by a hole. */
  resize(size: number): void {
    const pages = Math.ceil(size / pageBytes);
    while (this.#pages.length > pages) {
      const index = this.#pages.length - 1;
      if (this.#pages.pop() !== undefined) this.#allocated--;
      this.#owned.delete(index);
    }
    while (this.#pages.length < pages) this.#pages.push(undefined);
    const rest = size % pageBytes;
    if (size < this.#size && rest !== 0 && !this.isHole(pages - 1)) {
      this.#writable(pages - 1).fill(0, rest);
    }
    this.#size = size;
  }

  /** Makes one page the same as that of another content. Neither owns it afterwards. */
  takePage(index: number, from: Content): void {
    assert(index < this.#pages.length, 'the page lies within the file');
    this.#put(index, from.#pages[index]);
    this.#owned.delete(index);
    from.#owned.delete(index);
  }

  /** A page that this content owns alone, for writing. */
  #writable(index: number): Uint8Array {
    const page = this.#pages[index];
    if (page !== undefined && this.#owned.has(index)) return page;
    const own = page === undefined ? new Uint8Array(pageBytes) : page.slice();
    this.#put(index, own);
    this.#owned.add(index);
    return own;
  }

  #replace(index: number, bytes: Uint8Array): void {
    if (Buffer.compare(bytes, zeroPage) === 0) {
      this.#put(index, zeroPage);
      this.#owned.delete(index);
    } else {
      // Not bytes.slice(): a Buffer's slice shares memory with what the caller may change next.
      this.#put(index, new Uint8Array(bytes));
      this.#owned.add(index);
    }
  }

  #put(index: number, page: Uint8Array | undefined): void {
    if (this.#pages[index] === undefined && page !== undefined) this.#allocated++;
    if (this.#pages[index] !== undefined && page === undefined) this.#allocated--;
    this.#pages[index] = page;
  }
}
