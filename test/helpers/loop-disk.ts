/**
 * A real ext4 in a file, mounted through a loop device: small enough to fill, and with a switch. The
 * switch is the ioctl that file-system developers use for it (EXT4_IOC_SHUTDOWN without a flush of the
 * log): from that moment nothing reaches the disk, as after a power cut. Needs root and Linux.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Opens the mount, says so, waits for a line, and cuts the power. */
const cutter = `import fcntl, os, struct, sys
directory = os.open(sys.argv[1], os.O_RDONLY)
print('ready', flush=True)
if sys.stdin.readline(): fcntl.ioctl(directory, 0x8004587d, struct.pack('I', 2))`;

const live = new Set<LoopDisk>();
process.on('exit', () => {
  for (const disk of live) disk.destroy();
});

/** Why no such disk can be made here, or null. */
export function loopDiskTrouble(): string | null {
  if (process.platform !== 'linux') return 'loop mounts are tested on Linux only';
  if (process.getuid?.() !== 0) return 'a loop mount needs root';
  for (const [tool, option] of [
    ['mkfs.ext4', '-V'],
    ['losetup', '--version'],
    ['python3', '--version'],
  ] as const) {
    try {
      execFileSync(tool, [option], { stdio: 'ignore' });
    } catch {
      return `${tool} is not here`;
    }
  }
  try {
    new LoopDisk(8).destroy();
    return null;
  } catch (error) {
    return `a loop mount is not allowed here (${String(error).split('\n', 1)[0]})`;
  }
}

/** One disk, mounted until `destroy`, which also the end of the process calls. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly directory: string;
  readonly #home: string;
  readonly #image: string;
  #mounted = false;

  constructor(megabytes: number) {
    this.#home = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
    this.#image = join(this.#home, 'image');
    this.directory = join(this.#home, 'disk');
    live.add(this);
    try {
      mkdirSync(this.directory);
      closeSync(openSync(this.#image, 'w'));
      truncateSync(this.#image, megabytes * 1024 * 1024);
      // Nothing is reserved for root, who would otherwise never meet a full disk.
      execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', '-O', '^resize_inode', this.#image]);
      this.mount();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Mounts it, which replays the log of the file system. */
  mount(mode: 'rw' | 'ro' = 'rw'): void {
    execFileSync('mount', ['-t', 'ext4', '-o', `loop,${mode}`, this.#image, this.directory]);
    this.#mounted = true;
  }

  unmount(): void {
    if (!this.#mounted) return;
    execFileSync('umount', [this.directory]);
    this.#mounted = false;
  }

  /** What e2fsck says of the unmounted disk; throws when it finds fault. */
  check(): string {
    return execFileSync('e2fsck', ['-f', '-n', this.#image], { encoding: 'utf8', stdio: 'pipe' });
  }

  /** A switch that is held ready, so that cutting takes no longer than a line through a pipe. */
  async armed(): Promise<PowerSwitch> {
    const child = spawn('python3', ['-c', cutter, this.directory], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return new PowerSwitch(child);
  }

  /** Idempotent; never throws, because it runs on the way out of whatever failed. */
  destroy(): void {
    live.delete(this);
    try {
      this.unmount();
    } catch {
      // Somebody still has a file open: the mount goes when that ends.
      execFileSync('umount', ['-l', this.directory], { stdio: 'ignore' });
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** Cuts the power of one mount, once. */
export class PowerSwitch {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  async cut(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end('cut\n');
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error(`The power switch failed with code ${code}`);
  }

  /** Puts the switch away without cutting. */
  async release(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}
