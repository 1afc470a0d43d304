/** Bytes of a file as a page shows them. Pure. */

/** The text of the bytes, with signs for those that are no letters; NULs alone are told shortly. */
export function bytesText(bytes: Uint8Array): string {
  const zeros = bytes.every((byte) => byte === 0);
  if (zeros && bytes.length > 4) return `${'\0'.repeat(4)}… NUL bytes only`;
  return Buffer.from(bytes).toString('utf8').replaceAll('\n', '␊');
}
