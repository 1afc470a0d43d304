/** The verdicts over stores, sessions and journals. The compiler keeps the list complete. */
import type { SessionReport, StoreVerdict } from '../../recovery/report.ts';
import type { JournalVerdict } from '../../recovery/verdict.ts';
import type { Explanation } from './explanation.ts';

/** Every verdict of a report. */
export type AnyVerdict = StoreVerdict | SessionReport['verdict'] | JournalVerdict;

/** By verdict. */
export const verdictExplanations: Readonly<Record<AnyVerdict, Explanation>> = {
  clean: {
    meaning: 'Everything is there and nothing has to be done.',
    cause: 'All writers closed properly, or are at work, or were recovered before.',
    action: 'Nothing.',
  },
  healable: {
    meaning: 'A writer stopped without closing. Everything that was acknowledged is there.',
    cause: 'A crash, a kill or a power cut.',
    action: 'Run `recover run`, or open the store for writing.',
  },
  healed: {
    meaning: 'This run carried out what was needed; the store may be used.',
    cause: 'Entries were taken out of the journal of a dead writer and are now in their histories.',
    action: 'Nothing. A second run finds it clean.',
  },
  damaged: {
    meaning: 'Something that was acknowledged is gone or changed. What is sound may be used.',
    cause: 'The medium, or somebody who edited, cut, removed or mixed files.',
    action: 'See what is lost, then `recover salvage --to NEWDIR`, or `recover accept-loss`.',
  },
  deleted: {
    meaning: 'The session was deleted, and what is left of it is on its way out.',
    cause: 'A deletion that a crash interrupted behind its point of no return.',
    action: 'Run `recover run`, which finishes it.',
  },
  unsupported: {
    meaning: 'A newer version of Holdfast wrote this; it was neither judged nor touched.',
    cause: 'The store was used with a later version.',
    action: 'Upgrade Holdfast.',
  },
  unreadable: {
    meaning: 'The machine refused a read, so no judgement is possible.',
    cause: 'A failing disk, or missing permissions.',
    action: 'Mend that first, then look again.',
  },
  closed: {
    meaning: 'A journal ends in its close frame and every frame holds.',
    cause: 'Its writer closed properly.',
    action: 'Nothing.',
  },
  unclean: {
    meaning: 'A journal has no close frame and every frame holds.',
    cause: 'Its writer died between two writes.',
    action: 'Run `recover run`, or open the store for writing.',
  },
  torn: {
    meaning: 'A journal ends in an unfinished batch that was never acknowledged.',
    cause: 'Its writer died in the middle of a write.',
    action: 'Run `recover run`, or open the store for writing.',
  },
  newer: {
    meaning: 'A journal has a newer format.',
    cause: 'A later version of Holdfast worked in this store.',
    action: 'Upgrade Holdfast.',
  },
};
