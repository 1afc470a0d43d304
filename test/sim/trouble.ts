/**
 * Trouble of a machine: for a while, some of its operations fail, as disks, kernels and administrators
 * make them fail. What a file system does behind a failed sync is drawn once for each machine.
 */
import type { Fault, Operation, OperationKind } from '../../src/platform/sim/faults.ts';
import type { Prng } from '../../src/platform/sim/prng.ts';

/** One kind of operation and how it fails. */
interface Ill {
  readonly kind: OperationKind;
  readonly fault: (operation: Operation, dice: Prng) => Fault | null;
}

const errno =
  (name: string): Ill['fault'] =>
  () => ({ errno: name });

/** A write that takes a part; how much of it is drawn. */
const short: Ill['fault'] = ({ length = 0 }, dice) =>
  length > 1 ? { shortWrite: 1 + dice.below(length - 1) } : null;

/** A disk that writes something else, in silence; only histories are read back, and only their frames. */
const flipped: Ill['fault'] = ({ path, at = 0 }, dice) => {
  const isFrames = path.includes('/history') && at >= 8192;
  return isFrames ? { flipBit: dice.below(2 ** 16) } : null;
};

/** Errors while the store is in use. */
const whileRunning: readonly [Ill, ...Ill[]] = [
  { kind: 'sync', fault: errno('EIO') },
  { kind: 'sync', fault: errno('EINTR') },
  { kind: 'sync', fault: errno('ENOSPC') },
  { kind: 'sync-directory', fault: errno('EIO') },
  { kind: 'write', fault: errno('ENOSPC') },
  { kind: 'write', fault: errno('EDQUOT') },
  { kind: 'write', fault: errno('EIO') },
  { kind: 'write', fault: short },
  { kind: 'write', fault: flipped },
  { kind: 'create', fault: errno('ENOSPC') },
  { kind: 'create', fault: errno('EMFILE') },
  { kind: 'create', fault: errno('EROFS') },
  { kind: 'open', fault: errno('EMFILE') },
  { kind: 'rename', fault: errno('EIO') },
  { kind: 'rename', fault: errno('EROFS') },
  { kind: 'remove', fault: errno('EROFS') },
  { kind: 'truncate', fault: errno('EIO') },
  { kind: 'read', fault: errno('EIO') },
  { kind: 'list', fault: errno('EMFILE') },
];

/** Errors while a store is opened again. */
const whileRecovering: readonly [Ill, ...Ill[]] = [
  { kind: 'read', fault: errno('EIO') },
  { kind: 'open', fault: errno('EMFILE') },
  { kind: 'list', fault: errno('EIO') },
  { kind: 'stat', fault: errno('EACCES') },
  { kind: 'write', fault: errno('ENOSPC') },
  { kind: 'write', fault: short },
  { kind: 'write', fault: flipped },
  { kind: 'create', fault: errno('EROFS') },
  { kind: 'rename', fault: errno('EIO') },
  { kind: 'sync', fault: errno('EIO') },
  { kind: 'truncate', fault: errno('EIO') },
];

/** How likely an operation of the kind fails. */
const rates = [0.1, 0.3, 1] as const;

/** Decides on each operation whether it fails. */
export class Trouble {
  readonly #ill: Ill;
  readonly #rate: number;
  readonly #dice: Prng;

  constructor(occasion: 'running' | 'recovering', dice: Prng) {
    this.#ill = dice.pick(occasion === 'running' ? whileRunning : whileRecovering);
    this.#rate = dice.pick(rates);
    this.#dice = dice.clone();
  }

  /** Nothing when it goes well. */
  faultOf(operation: Operation): Fault | undefined {
    if (operation.kind !== this.#ill.kind || !this.#dice.chance(this.#rate)) return undefined;
    return this.#ill.fault(operation, this.#dice) ?? undefined;
  }
}
