/** What a run knows so far. Its steps add to it, so that one that ends early leaves what it had. */
import type { Plan } from './plan.ts';
import type { DiskReport, EngineReport } from './report.ts';

/** Measured, advised, and what was left out. */
export interface Known {
  disk: DiskReport;
  engine: EngineReport;
  readonly plan: Plan;
  /** Names of steps that did not tell what they were for. */
  readonly missing: string[];
}
