/** Files that are packed, by the bytes that they begin with, and the command that unpacks each. */

/** A way of packing. */
export interface Packing {
  readonly name: string;
  /** What makes a copy, and leaves the packed file where it is. */
  readonly command: string;
}

const packings: readonly (Packing & { readonly begins: readonly number[] })[] = [
  { name: 'gzip', command: 'gunzip -c FILE > COPY', begins: [0x1f, 0x8b] },
  { name: 'zstd', command: 'zstd -d -c FILE > COPY', begins: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'zip', command: 'unzip FILE', begins: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'bzip2', command: 'bunzip2 -c FILE > COPY', begins: [0x42, 0x5a, 0x68] },
  { name: 'xz', command: 'xz -d -c FILE > COPY', begins: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
];

/** How a file is packed that begins with these bytes; null for all others. */
export function packingOf(head: Uint8Array): Packing | null {
  return packings.find(({ begins }) => begins.every((byte, at) => head[at] === byte)) ?? null;
}
