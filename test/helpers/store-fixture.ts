/**
 * A store as one small text: its files without runs of zeros, and its empty directories. Locks are
 * left out, because nobody holds them; they are made again.
 */
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';

/** A file: its size, and what stands in it, either from its start or in parts at their offsets. */
interface FileFixture {
  readonly bytes: number;
  readonly base64?: string;
  readonly parts?: readonly (readonly [number, string])[];
}

type StoreFixture = Readonly<Record<string, FileFixture | 'empty directory'>>;

/** A run of zeros that is shorter than this is not worth a part. */
const zerosMin = 48;

const isLock = (path: string): boolean => /\/(LOCK|GATE)$/.test(path);

/** The store on this disk; the same content gives the same text. */
export function storeText(disk: SimDisk): string {
  const files = disk.paths().filter((path) => !isLock(path));
  const empty = disk
    .paths('directory')
    .filter((path) => !files.some((file) => file.startsWith(`${path}/`)));
  const rows = [
    ...files.map((path) => [path, fileFixture(disk.readFile(path))] as const),
    ...empty.map((path) => [path, 'empty directory'] as const),
  ];
  return `${JSON.stringify(Object.fromEntries(rows), null, 1)}\n`;
}

function fileFixture(bytes: Uint8Array): FileFixture {
  const parts: [number, string][] = [];
  for (let from = nextByte(bytes, 0); from < bytes.length; ) {
    let to = from;
    for (let next = from; next < bytes.length && next - to < zerosMin; ) {
      to = next + 1;
      next = nextByte(bytes, to);
    }
    parts.push([from, Buffer.from(bytes.subarray(from, to)).toString('base64')]);
    from = nextByte(bytes, to);
  }
  return { bytes: bytes.length, parts };
}

/** The offset of the first byte from here on that is not zero, or the size. */
function nextByte(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] === 0) at += 1;
  return at;
}

/** Puts the store of this text on a disk, durably. */
export function plantStore(disk: SimDisk, text: string): void {
  for (const [path, file] of Object.entries(JSON.parse(text) as StoreFixture)) {
    if (file === 'empty directory') {
      disk.makeDirectory(path);
      continue;
    }
    const content = new Uint8Array(file.bytes);
    const parts = file.parts ?? [[0, file.base64 ?? ''] as const];
    for (const [at, base64] of parts) content.set(Buffer.from(base64, 'base64'), at);
    disk.writeFile(path, content);
  }
}
