/** A sync of a directory that fails while an unclean log is opened, and a caller who opens it again. */
import { beforeAll, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { openLog, payloadOf, readAll, upTo } from '../helpers/wal-lab.ts';

beforeAll(initChecksum);

it('openWal leaves no segment whose name it could not make durable', async () => {
  let position = 0;
  for (let wasReached = true; wasReached; position += 1) {
    const disk = SimDisk.create(5);
    const wal = await openLog(disk);
    for (const seq of upTo(3)) await wal.append(payloadOf(seq));
    // The newest entry has no mark behind it, so that the next open writes it again.
    disk.killProcess('main');
    wasReached = false;
    let count = 0;
    disk.beforeOperation = ({ kind }) => {
      if (kind !== 'sync-directory') return undefined;
      count += 1;
      if (count - 1 !== position) return undefined;
      wasReached = true;
      return { errno: 'EIO' };
    };
    const first = await openLog(disk).catch((error: unknown) => error);
    disk.beforeOperation = null;
    const again = HoldfastError.is(first) ? await openLog(disk) : (first as typeof wal);
    for (const seq of [4, 5]) await again.append(payloadOf(seq));
    const after = await openLog(disk.crash({ keep: 'none' }));
    expect(await readAll(after), `sync ${position}`).toEqual(upTo(5));
    await after.close();
  }
  expect(position).toBeGreaterThan(1);
});
