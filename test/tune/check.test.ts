/** The settings together, on an engine of which the test says how quick it is. */
import { expect, test } from 'vitest';
import type { Session, StoreApi, StoreOptions } from '../../src/store/api.ts';
import { nodeClock } from '../../src/platform/node-clock.ts';
import { defaults } from '../../src/tune/advice.ts';
import { checkIo } from '../../src/tune/check.ts';
import type { EngineLab } from '../../src/tune/engine.ts';
import { Pace } from '../../src/tune/pace.ts';
import type { Settings } from '../../src/tune/report.ts';

/** A store that takes so long for an append, on a clock that only its appends move. */
function labOf(appendMs: (options: StoreOptions) => number) {
  const time = { nowMs: 0 };
  const clock = { ...nodeClock(), monotonicMs: () => time.nowMs };
  const { signal } = new AbortController();
  const pace = new Pace(clock, { seconds: 60, bytes: 1e9, signal });
  const opened: StoreOptions[] = [];
  const lab: EngineLab = {
    pace,
    open: (_root, options) => {
      opened.push(options);
      const session = {
        appendAll: () => {
          time.nowMs += appendMs(options);
          return Promise.resolve();
        },
        flush: () => Promise.resolve(),
      };
      const store = {
        createSession: () => Promise.resolve(session as unknown as Session),
        close: () => Promise.resolve(),
      };
      return Promise.resolve(store as unknown as StoreApi);
    },
    stillThere: () => Promise.resolve(),
    nextRoot: () => '/store',
    remove: () => Promise.resolve(),
    allowFileSystems: [],
  };
  return { lab, opened, part: pace.part(1, 1) };
}

const settings: Settings = { ...defaults, syncEntriesMax: 300, syncDelayMsMax: 5 };
const byEntries = ({ syncEntriesMax }: StoreOptions): number => (syncEntriesMax === 300 ? 1 : 2.5);

test('checkIo measures the settings against the defaults, in the same rounds', async () => {
  const { lab, opened, part } = labOf(byEntries);
  const told = await checkIo(lab, part, settings);
  expect(opened.at(-1)).toMatchObject(defaults);
  expect(told?.seen.worker.againstDefaults).toMatchObject({ median: 2.5, rounds: 8 });
});

test('checkIo has nothing to measure the defaults against but themselves', async () => {
  const { lab, opened, part } = labOf(byEntries);
  const told = await checkIo(lab, part, defaults);
  expect(opened).toHaveLength(2);
  expect(told?.seen.worker.againstDefaults).toBeNull();
});
