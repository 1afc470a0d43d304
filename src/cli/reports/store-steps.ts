/** What to do next with a store, as command lines that somebody may copy. */
import { shellWord } from '../../page/shell-word.ts';
import { unreachable } from '../../base/assert.ts';
import type { NextStep } from '../../page/report.ts';
import type { RecoveryReport } from '../../recovery/report.ts';
import { causeOfDamage } from '../report-text.ts';
import { bytes } from '../text.ts';

/** The steps, in their order; the same advice as at the end of `recover scan`. */
export function storeSteps(report: RecoveryReport): readonly NextStep[] {
  const { verdict, root, sessions, bytesNeeded } = report;
  const at = shellWord(root);
  switch (verdict) {
    case 'clean':
    case 'healed': {
      const why = sessions.some(({ unknownOutcomes }) => unknownOutcomes.length > 0)
        ? 'See what the calls with an unknown outcome did. The program that runs the agent tells it ' +
          'to the session, with session.complete.'
        : 'Nothing has to be done.';
      return [{ why, line: null }];
    }
    case 'healable': {
      const room = bytesNeeded > 0 ? ` It needs ${bytes(bytesNeeded)}.` : '';
      const why = `Carry out what is safe. Nothing was changed so far.${room}`;
      return [{ why, line: `recover run ${at}` }];
    }
    case 'damaged': {
      const salvage = `recover salvage ${at} --to NEWDIR`;
      const cause = causeOfDamage(report);
      if (cause === 'misplaced') {
        return [{ why: 'Put right what stands in the wrong place, then look again.', line: null }];
      }
      if (cause === 'set-aside') {
        return [
          { why: 'Get out the entries that are in no session any more:', line: salvage },
          { why: 'Then set them aside in quarantine/:', line: `recover run ${at}` },
        ];
      }
      const id = sessions.find((session) => session.verdict === 'damaged')?.id ?? 'ID';
      return [
        {
          why: 'Either get out all that can be had, into a new store:',
          line: salvage,
        },
        {
          why: 'Or see what going on without it gives up:',
          line: `recover accept-loss ${at} --session ${id}`,
        },
      ];
    }
    case 'unsupported':
      return [{ why: 'Upgrade Holdfast.', line: null }];
    case 'unreadable':
      return [{ why: 'See to the disk or the permissions, then look again.', line: null }];
    default:
      return unreachable(verdict);
  }
}
