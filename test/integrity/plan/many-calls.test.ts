/** Plans for conversations of very many calls: what a plan costs grows with them, not with its square. */
import { describe, expect, it } from 'vitest';
import { accepts } from '../../../src/integrity/acceptance/accepts.ts';
import { applyEdits } from '../../../src/integrity/plan/apply-edits.ts';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import * as short from '../../helpers/short-history.ts';

const { call, model, result, user } = short;
const many = 10_000;

function each<T>(make: (at: number) => T): readonly T[] {
  return Array.from({ length: many }, (_, at) => make(at));
}

const shapes = {
  'of one id, each answered': () =>
    each(() => [user('a'), model(call('x')), user(result('x', 'r'))]).flat(),
  'answered before they are made': () => [
    ...each((at) => user(result(`c${at}`, 'r'))),
    ...each((at) => model(call(`c${at}`))),
  ],
  'without a result, each in a turn of its own': () =>
    each((at) => [user('a'), model(call(`c${at}`))]).flat(),
  'of one answer, of which half have a result': () => [
    user('a'),
    model(...each((at) => call(`c${at}`))),
    user(...each((at) => result(`c${at}`, 'r')).filter((_, at) => at % 2 === 0), 'b'),
  ],
} as const;

describe('planRepair', () => {
  for (const [name, make] of Object.entries(shapes)) {
    it(`takes ${many} calls ${name} in its stride`, () => {
      const messages = short.placed(make());
      const plan = planRepair(messages, 'anthropic', 'annotate');
      expect(accepts(applyEdits(messages, plan.edits), 'anthropic')).toEqual([]);
    });
  }
});
