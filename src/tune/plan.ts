/**
 * The advice as it grows: each setting with its reason, what was checked, and what to expect. What
 * a look found counts only as far as it may: nothing that exposes more than the defaults stands on
 * rounds that do not agree, or on a busy machine.
 */
import { defaults, exposureOf, settingText } from './advice.ts';
import type { Advised, Syncs } from './advice.ts';
import type { Calm } from './busy.ts';
import type { Checked, Seen } from './check.ts';
import { sessionsShared, textBytes } from './engine.ts';
import type { Check, EngineReport, Reason, Reasons, Settings, TuneReport } from './report.ts';

const untried: Reason = { from: 'default', why: 'not measured, so this is the default' };

/** Settings with their reasons. */
interface Standing {
  readonly settings: Settings;
  readonly reasons: Reasons;
}

/** Begins with the defaults. */
export class Plan {
  readonly #calm: Calm;
  readonly #checks: Check[] = [];
  /** Settings that stand on rounds which do not agree, with what there is to say of it. */
  readonly #doubts = new Map<keyof Settings, string>();
  #found: Settings = defaults;
  #reasons: Reasons = {
    syncEntriesMax: untried,
    syncDelayMsMax: untried,
    segmentBytes: untried,
    io: untried,
  };
  #seen: Seen | null = null;

  constructor(calm: Calm = 'quiet') {
    this.#calm = calm;
  }

  /** What was found until now, to be checked; some of it may not be advised yet. */
  get found(): Settings {
    return this.#found;
  }

  /** What is advised. */
  get settings(): Settings {
    return this.#standing().settings;
  }

  get checks(): readonly Check[] {
    return this.#checks;
  }

  /** Takes advice about a setting. */
  take<S extends keyof Settings>(setting: S, advised: Advised<Settings[S]>): void {
    const { value, reason, certainty } = advised;
    this.#found = { ...this.#found, [setting]: value };
    this.#reasons = { ...this.#reasons, [setting]: reason };
    this.#doubts.delete(setting);
    if (certainty !== 'unsure') return;
    const name = settingText(setting, value);
    const why = `the rounds do not agree on a first look for ${name}, and no check confirmed it`;
    this.#doubts.set(setting, why);
  }

  /** Takes what a check came to; the reason says so when it moved the setting. */
  check<S extends keyof Settings>(setting: S, checked: Checked<Settings[S]>): void {
    const { value, checks } = checked;
    this.#checks.push(...checks);
    this.#weigh(setting, checked);
    const before = this.#found[setting];
    if (value === before) return;
    const step = checks.findLast(({ isBetter, neighbour }) => {
      return isBetter === 'yes' && neighbour === value;
    });
    const from = settingText(setting, before);
    const why =
      step === undefined
        ? `could not decide: a first look was for ${from}, and the check did not confirm it`
        : `moved here from ${from} by the check: ${step.why}`;
    this.#found = { ...this.#found, [setting]: value };
    const reason: Reason = { from: step ? 'measured' : 'default', why };
    this.#reasons = { ...this.#reasons, [setting]: reason };
  }

  /** Takes what was seen of a store with all of these settings. */
  expect(seen: Seen): void {
    this.#seen = seen;
  }

  /** The advice, with what is known of the engine and of the syncs of the disk. */
  advice(engine: EngineReport, syncs: Syncs): TuneReport['advice'] {
    const { settings, reasons } = this.#standing();
    const io = engine[settings.io];
    return {
      settings,
      reasons,
      expected: {
        textBytes,
        durable: io.latency,
        durablePerSecond: io.perSecond,
        sharedSessions: sessionsShared,
        sharedPerSecond: io.sharedPerSecond,
        batched: this.#seen?.batched ?? null,
        batchedPerSecond: this.#seen?.batchedPerSecond ?? null,
      },
      againstDefaults: this.#seen?.againstDefaults ?? null,
      exposure: exposureOf(settings, syncs),
    };
  }

  /** A value above its less exposing neighbour is decided when the rounds say which is better. */
  #weigh<S extends keyof Settings>(setting: S, { value, checks }: Checked<Settings[S]>): void {
    const last = checks.findLast(({ recommended, neighbour, isBetter }) => {
      const [lower, upper] = [Math.min, Math.max].map((end) => {
        return end(Number(recommended), Number(neighbour));
      });
      if (upper !== value || lower === value) return false;
      return recommended === value || isBetter === 'yes';
    });
    if (last === undefined) return;
    this.#doubts.delete(setting);
    if (last.isBetter !== 'undecided') return;
    const [name, below] = [settingText(setting, value), settingText(setting, last.neighbour)];
    const why = `whether ${name} pays more than ${below} the rounds do not agree, or were too few`;
    this.#doubts.set(setting, why);
  }

  #standing(): Standing {
    let [settings, reasons] = [this.#found, this.#reasons];
    for (const setting of ['syncEntriesMax', 'syncDelayMsMax', 'io'] as const) {
      const why = this.#objection(setting);
      if (why === null) continue;
      settings = { ...settings, [setting]: defaults[setting] };
      reasons = { ...reasons, [setting]: { from: 'default', why } };
    }
    return { settings, reasons };
  }

  /** Why what was found may not be advised; null when it may. */
  #objection(setting: 'syncEntriesMax' | 'syncDelayMsMax' | 'io'): string | null {
    const found = this.#found[setting];
    const exposesMore =
      setting === 'io' ? found === 'pool' : Number(found) > Number(defaults[setting]);
    if (!exposesMore) return null;
    if (this.#calm === 'busy') {
      const name = settingText(setting, found);
      return `could not decide: the machine was busy; a first look was for ${name}, this is the default`;
    }
    const doubt = this.#doubts.get(setting);
    return doubt === undefined ? null : `could not decide: ${doubt}, so this is the default`;
  }
}
