/**
 * The door `holdfast/testing`: a simulated machine, to crash-test what is built on Holdfast.
 *
 *     const { states } = await crashTest({
 *       begin: () => [],
 *       work: async (machine, told) => { … }, // appends, and notes what was acknowledged
 *       check: async (machine, told) => { … }, // opens what is left, and compares
 *     });
 *
 * Nothing here belongs into a program that keeps data: what is on a simulated disk is in memory.
 */
export { crashTest } from './simulation/crash-test.ts';
export type { Crash, CrashPoint, CrashSummary, CrashTest, Cut } from './simulation/crash-test.ts';
export { SimMachine } from './simulation/sim-machine.ts';
export type { InProcess, SimMachineOptions } from './simulation/sim-machine.ts';
export type { PlannedFault } from './simulation/planned-faults.ts';
export { SimCrash } from './platform/sim/faults.ts';
export type {
  BeforeOperation,
  Fault,
  Operation,
  OperationKind,
} from './platform/sim/faults.ts';
export type { CrashOptions } from './platform/sim/crash.ts';
