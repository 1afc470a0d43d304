/** Every command, in the order in which the help shows them. A new command is one line here. */
import type { Command } from '../command.ts';
import { append } from './append.ts';
import { deleteSession } from './delete.ts';
import { demo } from './demo.ts';
import { exportSession } from './export.ts';
import { importTranscript } from './import.ts';
import { list } from './list.ts';
import { recoverAcceptLoss } from './recover-accept-loss.ts';
import { recoverApply } from './recover-apply.ts';
import { recoverDump } from './recover-dump.ts';
import { recoverExplain } from './recover-explain.ts';
import { recoverPlan } from './recover-plan.ts';
import { recoverReport } from './recover-report.ts';
import { recoverSalvage } from './recover-salvage.ts';
import { recoverRun, recoverScan, recoverVerify } from './recover-store.ts';
import { rewind } from './rewind.ts';
import { show } from './show.ts';
import { snapshotCleanup, snapshotLabel, snapshotTake } from './snapshot.ts';
import { snapshots } from './snapshots.ts';
import { tail } from './tail.ts';
import { tune } from './tune.ts';

/** All commands. */
export const commands: readonly Command[] = [
  demo,
  append,
  list,
  show,
  tail,
  exportSession,
  importTranscript,
  deleteSession,
  snapshots,
  snapshotTake,
  snapshotLabel,
  snapshotCleanup,
  rewind,
  tune,
  recoverScan,
  recoverRun,
  recoverVerify,
  recoverPlan,
  recoverApply,
  recoverReport,
  recoverDump,
  recoverSalvage,
  recoverAcceptLoss,
  recoverExplain,
];
