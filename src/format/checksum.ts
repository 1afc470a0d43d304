/**
 * The two digests of the engine: xxHash64 against accidents (frames, headers) and SHA-256 where the
 * value is shown or compared outside (content digests). Nothing else touches the libraries behind
 * them.
 *
 * xxHash64 is WebAssembly, which can only be made ready asynchronously: every entry point of the
 * engine awaits `initChecksum` once, and from then on hashing is synchronous. Each thread has its
 * own instance. Neither digest depends on how the input was cut into updates.
 */
import { hash } from 'node:crypto';
import xxhash, { type XXHashAPI } from 'xxhash-wasm';
import { assert } from '../base/assert.ts';
import { HoldfastError } from '../base/errors.ts';

/**
 * The most that goes into WebAssembly at once. Its memory grows to the largest input and never
 * shrinks, so that one message of 64 MiB would cost 64 MiB for the rest of the process.
 */
const updateBytesMax: number = 1024 * 1024;

let api: XXHashAPI | undefined;
let starting: Promise<void> | undefined;

/**
 * Makes `xxh64` usable in this thread. Call it as often as you like: the work is done once (about
 * 1 ms). IO when there is no memory for it: WebAssembly reserves 10 GiB of addresses, of which it
 * uses next to nothing.
 */
export function initChecksum(): Promise<void> {
  starting ??= xxhash().then(
    (ready) => {
      api = ready;
    },
    (cause: unknown) => {
      starting = undefined;
      throw withoutMemory(cause);
    },
  );
  return starting;
}

function withoutMemory(cause: unknown): HoldfastError<'IO'> {
  const message =
    `Cannot begin: there is no memory for the checksums (${String(cause)}); WebAssembly reserves ` +
    'some gigabytes of addresses: raise the limit of virtual memory (`ulimit -v`)';
  return new HoldfastError(
    'IO',
    message,
    { syscall: null, errno: 'ENOMEM', path: null },
    { cause },
  );
}

/**
 * xxHash64 as an unsigned 64-bit number. The library answers with the hash of something else when
 * it is given anything but a Uint8Array, hence the check.
 */
export function xxh64(bytes: Uint8Array, seed = 0n): bigint {
  assert(api !== undefined, 'initChecksum was awaited before the first xxh64');
  assert(bytes instanceof Uint8Array, 'xxh64 is given a Uint8Array');
  if (bytes.length <= updateBytesMax) return api.h64Raw(bytes, seed);
  const stream = api.create64(seed);
  for (let from = 0; from < bytes.length; from += updateBytesMax) {
    stream.update(bytes.subarray(from, from + updateBytesMax));
  }
  return stream.digest();
}

/**
 * SHA-256 as 64 lower-case hexadecimal digits; of a text, that of its UTF-8, and it must not hold
 * half characters, which have none. Needs no preparation.
 */
export function sha256Hex(content: Uint8Array | string): string {
  const isText = typeof content === 'string';
  assert(isText || content instanceof Uint8Array, 'sha256Hex is given a text or a Uint8Array');
  return hash('sha256', content, 'hex');
}
