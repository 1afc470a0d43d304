/** Settings of a store, checked and filled: inside, every setting is present. */
import { HoldfastError } from '../base/errors.ts';
import {
  lockWaitMsDefault,
  segmentBytesFirst,
  segmentBytesMax,
  segmentBytesMin,
  syncDelayMsDefault,
  syncDelayMsMax,
  syncEntriesDefault,
  syncEntriesMax,
} from '../base/quantities.ts';
import { triggers } from '../checkpoint/checkpointer.ts';
import { spacingOf } from '../checkpoint/spacing.ts';
import { commonTools, kindsOf } from '../checkpoint/tools.ts';
import { topicOf } from '../checkpoint/topic.ts';
import { aligned } from '../format/bytes.ts';
import type { StoreOptions } from './api.ts';
import type { CheckpointOptions } from './checkpoint-options.ts';
import { requireKnown } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';
import { requireExpectations } from '../recovery/options.ts';
import { requireAllowed } from '../recovery/safe-file-system.ts';

/** The settings of a store, all present; units and bounds as in `StoreOptions`. */
export interface StoreSettings {
  readonly mode: 'write' | 'read';
  readonly syncDelayMsMax: number;
  readonly syncEntriesMax: number;
  readonly lockWaitMs: number;
  readonly io: 'worker' | 'pool';
  readonly segmentBytes: number;
  readonly expectAtLeast: Readonly<Record<string, number>>;
  readonly allowFileSystems: readonly string[];
  readonly checkpoints: CheckpointOptions | false;
  readonly histograms: boolean;
  readonly signal: AbortSignal | undefined;
}

const known = [
  'mode',
  'syncDelayMsMax',
  'syncEntriesMax',
  'lockWaitMs',
  'io',
  'segmentBytes',
  'expectAtLeast',
  'allowFileSystems',
  'checkpoints',
  'histograms',
  'signal',
];

/** INVALID for a setting that is unknown or out of its bounds. */
export function resolveOptions(options: StoreOptions): StoreSettings {
  requireKnown(options, known, 'open the store');
  const { expectAtLeast = {}, allowFileSystems = [] } = options;
  requireExpectations(expectAtLeast, 'open the store');
  requireAllowed(allowFileSystems, 'open the store');
  const segment = { min: segmentBytesMin, max: segmentBytesMax };
  return {
    mode: oneOf('mode', options.mode ?? 'write', ['write', 'read']),
    syncDelayMsMax: whole('syncDelayMsMax', options.syncDelayMsMax ?? syncDelayMsDefault, {
      min: 1,
      max: syncDelayMsMax,
    }),
    syncEntriesMax: whole('syncEntriesMax', options.syncEntriesMax ?? syncEntriesDefault, {
      min: 1,
      max: syncEntriesMax,
    }),
    lockWaitMs: whole('lockWaitMs', options.lockWaitMs ?? lockWaitMsDefault, {
      min: 0,
      max: 24 * 3600 * 1000,
    }),
    io: oneOf('io', options.io ?? 'worker', ['worker', 'pool']),
    segmentBytes: aligned(
      whole('segmentBytes', options.segmentBytes ?? segmentBytesFirst, segment),
    ),
    expectAtLeast,
    allowFileSystems,
    checkpoints: checkpointsOf(options.checkpoints ?? {}),
    histograms: oneOf('histograms', options.histograms ?? false, [true, false]),
    signal: options.signal,
  };
}

function checkpointsOf(options: CheckpointOptions | false): CheckpointOptions | false {
  if (options === false) return false;
  requireKnown(options, ['tools', 'topic', 'spacing', 'triggers'], 'take checkpoints');
  for (const name of Object.keys(options.triggers ?? {})) {
    if (triggers.some((trigger) => trigger === name)) continue;
    throw invalid(`checkpoints.triggers.${name}`, `is none of ${triggers.join(', ')}`);
  }
  // At the opening, and not once a session is there.
  spacingOf(options.spacing);
  topicOf(options.topic);
  kindsOf(options.tools ?? commonTools);
  return options;
}

function whole(
  name: string,
  value: unknown,
  bounds: { readonly min: number; readonly max: number },
): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    if (value >= bounds.min && value <= bounds.max) return value;
  }
  throw invalid(
    name,
    `must be a whole number of ${bounds.min} to ${bounds.max}, not ${shown(value)}`,
  );
}

function oneOf<T extends string | boolean>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw invalid(name, `must be one of ${allowed.join(', ')}, not ${shown(value)}`);
}

function invalid(name: string, why: string): HoldfastError<'INVALID'> {
  return new HoldfastError('INVALID', `Cannot use the option: "${name}" ${why}`, { path: name });
}
