/** Damage as crashes and bad copies leave it, picked by numbers, for files of JSON lines. */
import type { Buffer as Bytes } from 'node:buffer';

/** The bytes after some damage. */
export function damaged(bytes: Bytes, picks: readonly number[]): Buffer {
  let now: Buffer = Buffer.from(bytes);
  for (const pick of picks) {
    const at = now.length === 0 ? 0 : Math.floor(pick / 7) % now.length;
    const ends = [...now.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index);
    const end = ends[Math.floor(pick / 11) % Math.max(ends.length, 1)];
    switch (pick % 7) {
      case 0:
        now = now.subarray(0, at);
        break;
      case 1:
        now = Buffer.concat([now.subarray(0, at), Buffer.alloc(1 + (pick % 50)), now.subarray(at)]);
        break;
      case 2:
        if (end !== undefined) now = Buffer.concat([now.subarray(0, end), now.subarray(end + 1)]);
        break;
      case 3:
        now = Buffer.from(now);
        if (now.length > 0) now[at] = pick % 256;
        break;
      case 4:
        now = swapped(now, pick);
        break;
      case 5:
        now = repeated(now, pick);
        break;
      default:
        now = Buffer.concat([now.subarray(0, at), now.subarray(Math.min(at + 40, now.length))]);
    }
  }
  return now;
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').split('\n');
}

function swapped(bytes: Buffer, pick: number): Buffer {
  const lines = linesOf(bytes);
  const [one, two] = [pick % lines.length, Math.floor(pick / 3) % lines.length];
  const kept = lines[one] ?? '';
  lines[one] = lines[two] ?? '';
  lines[two] = kept;
  return Buffer.from(lines.join('\n'), 'latin1');
}

function repeated(bytes: Buffer, pick: number): Buffer {
  const lines = linesOf(bytes);
  const at = pick % lines.length;
  lines.splice(at, 0, lines[at] ?? '');
  return Buffer.from(lines.join('\n'), 'latin1');
}
