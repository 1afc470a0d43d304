/**
 * The switch that cuts the power of a mounted file system. It is the ioctl that file-system developers
 * use for it (EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN, without a flush of the log): from that moment
 * nothing reaches the disk, as after a power cut. Linux and root.
 *
 * A cut alone shows mostly all or nothing of what was not synced, because the kernel is in no hurry to
 * write back. So the switch may write some pages back right before, picked by a seed: as the kernel
 * might have done, in any order.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** One process for all cuts, because to start one costs more than a cut. */
const program = `import ctypes, fcntl, os, random, signal, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)

def files(root):
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            try: file = os.open(os.path.join(folder, name), os.O_RDONLY)
            except OSError: continue
            yield file
            os.close(file)

def write_back(root, seed):
    choice = random.Random(seed)
    for file in files(root):
        if choice.random() < 0.3: continue
        size = os.fstat(file).st_size
        content = os.pread(file, size, 0).rstrip(b'\\0')
        last = len(content) // 4096
        for page in range(max(0, last - 6), last + 1):
            if choice.random() < 0.5: continue
            libc.sync_file_range(file, ctypes.c_int64(page * 4096), ctypes.c_int64(4096), 7)

directory = -1
for line in sys.stdin:
    word, *rest = line.rstrip('\\n').split('\\t')
    if word == 'arm': directory = os.open(rest[0], os.O_RDONLY)
    if word == 'loosen':
        for file in files(rest[0]):
            os.fsync(file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    if word == 'cut':
        time.sleep(float(rest[0]) / 1000)
        if rest[1] != '':
            os.kill(int(rest[3]), signal.SIGSTOP)
            write_back(rest[2], int(rest[1]))
        fcntl.ioctl(directory, 0x8004587d, struct.pack('I', 2))
        os.close(directory)
    print('done', flush=True)
`;

/** How one cut is done. */
export interface Cut {
  readonly delayMs: number;
  /** Picks pages that are written back right before; null: none are. */
  readonly writeBackSeed: number | null;
}

/** A switch that is held ready, so that cutting takes no longer than a line through a pipe. */
export class PowerSwitch {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;
  #directory = '';

  constructor() {
    this.#child = spawn('python3', ['-u', '-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Opens the mount; `cut` is then quick. */
  async arm(directory: string): Promise<void> {
    this.#directory = directory;
    await this.#ask(`arm\t${directory}`);
  }

  /**
   * Drops what is clean from the page cache. What was written at once lies there in one piece (a folio)
   * of up to megabytes, and would be written back as one; what is written from now on will not.
   */
  async loosen(): Promise<void> {
    await this.#ask(`loosen\t${this.#directory}`);
  }

  /** Cuts the power of the mount that it was armed with, and on which this process works. */
  async cut({ delayMs, writeBackSeed }: Cut, pid: number): Promise<void> {
    await this.#ask(`cut\t${delayMs}\t${writeBackSeed ?? ''}\t${this.#directory}\t${pid}`);
  }

  /** Puts the switch away. */
  async end(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exit;
  }

  async #ask(line: string): Promise<void> {
    this.#child.stdin.write(`${line}\n`);
    const { done } = await this.#answers.next();
    if (done === true) throw new Error(`The power switch failed at ${line}`);
  }
}
