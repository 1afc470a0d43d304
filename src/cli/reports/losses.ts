/** What a plan takes away and cannot mend, as a report tells it. */
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { Plan } from '../../integrity/plan/plan.ts';
import type { Loss } from '../../page/report.ts';

/** The losses of a plan in the shape of a report; `left` are the findings that stay. */
export function reportedLosses(
  { lost, unmended }: Plan,
  left: readonly TranscriptFinding[] = [],
): {
  readonly lost: readonly Loss[];
  readonly unmended: readonly Loss[];
} {
  return {
    lost: lost.map(({ at, told, text }) => ({
      messageIndex: at.message,
      told,
      text: text === '' ? null : text,
    })),
    unmended: [
      ...unmended.map(({ told }) => ({ messageIndex: null, told, text: null })),
      ...left.map(({ meaning, place }) => ({
        messageIndex: null,
        told: meaning,
        text: null,
        place,
      })),
    ],
  };
}
