/** Measured numbers as people read them: three significant places are what they are good for. */

/** `0.41`, `12.3`, `1,234`: three places, and no more than that. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return grouped(Math.round(value));
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

/** `0.41 ms`, `1.2 s`. */
export function milliseconds(value: number): string {
  return value >= 10_000 ? `${figure(value / 1000)} s` : `${figure(value)} ms`;
}

/** `4 KiB`, `1 MiB`: sizes of the engine are powers of two. */
export function binaryBytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const [value, unit] = count < 1024 ** 2 ? [count / 1024, 'KiB'] : [count / 1024 ** 2, 'MiB'];
  return `${Number.isInteger(value) ? grouped(value) : value.toFixed(1)} ${unit}`;
}

/** `12.5 MB/s`, decimal, as disks are sold. */
export function bytesPerSecond(value: number): string {
  return value >= 1e6 ? `${figure(value / 1e6)} MB/s` : `${figure(value / 1e3)} kB/s`;
}

/** Thousands set apart. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
