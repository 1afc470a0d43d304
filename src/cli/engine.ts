/**
 * What the command line asks of the library, and nothing else of it: commands can then be tested
 * against a double that answers with every verdict and every error.
 */
import type { DumpLine } from '../recovery/dump.ts';
import type { AcceptLossOptions, RecoverOptions, SalvageOptions } from '../recovery/options.ts';
import type { AcceptLossReport, RecoveryReport, SalvageReport } from '../recovery/report.ts';
import type { StoreApi, StoreOptions } from '../store/api.ts';

/** The library as the commands see it. Each verb is the one of the same name in `holdfast`. */
export interface Engine {
  openStore(root: string, options: StoreOptions): Promise<StoreApi>;
  recover(root: string, options: RecoverOptions): Promise<RecoveryReport>;
  salvage(root: string, options: SalvageOptions): Promise<SalvageReport>;
  acceptLoss(root: string, options: AcceptLossOptions): Promise<AcceptLossReport>;
  dump(path: string): AsyncIterable<DumpLine>;
}
