/** The advice as it grows: each setting with its reason, what was checked, and what to expect. */
import { defaults, exposureOf, settingText } from './advice.ts';
import type { Advised, Syncs } from './advice.ts';
import type { Checked, ExpectedHere } from './check.ts';
import { sessionsShared, textBytes } from './engine.ts';
import type { Check, EngineReport, Reason, Reasons, Settings, TuneReport } from './report.ts';

const untried: Reason = { from: 'default', why: 'not measured, so this is the default' };

/** Begins with the defaults. */
export class Plan {
  readonly #checks: Check[] = [];
  #settings: Settings = defaults;
  #reasons: Reasons = {
    syncEntriesMax: untried,
    syncDelayMsMax: untried,
    segmentBytes: untried,
    io: untried,
  };
  #expected: ExpectedHere | null = null;

  get settings(): Settings {
    return this.#settings;
  }

  get checks(): readonly Check[] {
    return this.#checks;
  }

  /** Takes advice about a setting. */
  take<S extends keyof Settings>(setting: S, { value, reason }: Advised<Settings[S]>): void {
    this.#settings = { ...this.#settings, [setting]: value };
    this.#reasons = { ...this.#reasons, [setting]: reason };
  }

  /** Takes what a check came to; the reason says so when it moved the setting. */
  check<S extends keyof Settings>(setting: S, { value, checks }: Checked<Settings[S]>): void {
    this.#checks.push(...checks);
    const before = this.#settings[setting];
    if (value === before) return;
    const step = checks.findLast(({ isBetter, neighbour }) => {
      return isBetter === 'yes' && neighbour === value;
    });
    const from = settingText(setting, before);
    const why =
      step === undefined
        ? `could not decide: a first look was for ${from}, and the check did not confirm it`
        : `moved here from ${from} by the check: ${step.why}`;
    this.take(setting, { value, reason: { from: step ? 'measured' : 'default', why } });
  }

  /** Takes what was seen of a store with all of these settings. */
  expect(expected: ExpectedHere): void {
    this.#expected = expected;
  }

  /** The advice, with what is known of the engine and of the syncs of the disk. */
  advice(engine: EngineReport, syncs: Syncs): TuneReport['advice'] {
    const settings = this.#settings;
    const io = engine[settings.io];
    return {
      settings,
      reasons: this.#reasons,
      expected: {
        textBytes,
        durable: io.latency,
        durablePerSecond: io.perSecond,
        sharedSessions: sessionsShared,
        sharedPerSecond: io.sharedPerSecond,
        batched: this.#expected?.batched ?? null,
        batchedPerSecond: this.#expected?.batchedPerSecond ?? null,
      },
      exposure: exposureOf(settings, syncs),
    };
  }
}
