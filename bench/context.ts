/** What a case gets: settings, a directory for itself, and what earlier cases of the run have made. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './arguments.ts';
import { arrivals } from './workloads.ts';
import type { Arrival, WorkloadName } from './workloads.ts';
import type { Progress } from './progress.ts';
import type { Judge } from './verdict.ts';

/** What a run has once. */
export interface Parts {
  readonly progress: Progress;
  readonly judge: Judge;
}

/** One for each run. */
export class Context {
  readonly settings: Settings;
  readonly progress: Progress;
  /** Ends findings with their targets. */
  readonly judge: Judge;
  readonly #directory: string;
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(settings: Settings, directory: string, parts: Parts) {
    this.settings = settings;
    this.progress = parts.progress;
    this.judge = parts.judge;
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** A place of this name below the run's directory, which goes with it. */
  path(...names: readonly string[]): string {
    return join(this.#directory, ...names);
  }

  /** The messages to append: the workload that was asked for, or else this one. */
  arrivals(sessions: number, byDefault: WorkloadName = 'fixed'): Iterator<Arrival, never> {
    const { seed, textBytes } = this.settings;
    return arrivals(this.workload(byDefault), { seed, sessions, textBytes });
  }

  workload(byDefault: WorkloadName = 'fixed'): WorkloadName {
    return this.settings.workload ?? byDefault;
  }

  /** The settings of the workload, for the head of a case's table. */
  told(byDefault: WorkloadName = 'fixed'): Readonly<Record<string, string | number>> {
    const { seed, textBytes } = this.settings;
    const workload = this.workload(byDefault);
    return workload === 'fixed' ? { workload, 'text bytes': textBytes } : { workload, seed };
  }

  /** Makes a thing that several cases look at, once. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = (this.#made.get(name) as Promise<T> | undefined) ?? make();
    this.#made.set(name, made);
    return made;
  }
}
