/**
 * Random lives of a store against a plain model: every acknowledged entry survives what it was
 * promised to survive, nothing else appears, every store opens again. `npm run sim` runs it for long.
 */
import { describe, expect, it } from 'vitest';
import { commandOf, live, numbersOf, shrink, stepsOf } from './life.ts';
import type { LifePlan } from './life.ts';
import { newTally } from './looks.ts';
import { faultOf } from './model.ts';
import type { SessionModel } from './model.ts';

const firstSeed = 1;
const seeds = 3;
const steps = 60;
const planOf = (seed: number): LifePlan => ({ seed, steps, skip: new Set() });

describe('a store under power cuts, kills, errors of the machine and rot', () => {
  it('keeps what it promised in every state that a crash can leave', async () => {
    const total = newTally();
    const begin = process.hrtime.bigint();
    for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
      const { tally, violation } = await live(planOf(seed));
      if (violation !== null) {
        const again = commandOf({ ...planOf(seed), steps: violation.step + 1 });
        throw new Error(`Violation with seed ${seed}; again: ${again}`, { cause: violation.error });
      }
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += tally[name];
    }
    const seconds = Number((process.hrtime.bigint() - begin) / 1_000_000n) / 1000;
    console.log(
      `seeds ${firstSeed} to ${firstSeed + seeds - 1}, ${steps} steps each: ` +
        `${JSON.stringify(total)} in ${seconds.toFixed(0)} s`,
    );
    expect(total.states).toBeGreaterThan(200);
    expect(Math.min(...Object.values(total)), 'every kind of thing happens').toBeGreaterThan(0);
  });

  it('is the same again from the same seed', async () => {
    const short = { ...planOf(3), steps: 25 };
    const [one, two] = [await live(short), await live(short)];
    expect(two).toEqual(one);
  });
});

describe('shrink', () => {
  it('leaves out steps that a violation does not need', async () => {
    // A world that is wrong from its step 41 on, if it came through step 7.
    const lives: (typeof live)[] = [
      (plan) => {
        const isWrong = stepsOf(plan).includes(7) && stepsOf(plan).includes(41);
        const violation = isWrong ? { step: 41, error: new Error('wrong') } : null;
        return Promise.resolve({ plan, tally: newTally(), violation });
      },
    ];
    const [wrong = live] = lives;
    const { plan } = await shrink(await wrong(planOf(9)), wrong);
    expect(stepsOf(plan)).toEqual([7, 41]);
    expect(commandOf(plan)).toBe('npm run sim -- --seed 9 --seeds 1 --steps 42 --skip 0-6,8-40');
    expect([...numbersOf('0-6,8-40')]).toEqual([...plan.skip].sort((one, two) => one - two));
  });
});

describe('faultOf', () => {
  const model = (...groups: SessionModel['groups']): SessionModel => {
    return { id: 's', groups, created: 'done', deleted: 'no' };
  };
  const durable = { texts: ['a', 'b'], certainty: 'durable' } as const;
  const acknowledged = { texts: ['c'], certainty: 'acknowledged' } as const;
  const sent = { texts: ['d'], certainty: 'sent' } as const;
  const failed = { texts: ['f'], certainty: 'failed' } as const;

  it('finds what is missing, foreign, torn or back from the dead', () => {
    const whole = model(durable, acknowledged, sent);
    expect(faultOf(whole, ['a', 'b'], 'power cut')).toBeNull();
    expect(faultOf(whole, ['a', 'b', 'c', 'd'], 'power cut')).toBeNull();
    expect(faultOf(whole, ['a', 'b', 'c'], 'kill')).toBeNull();
    expect(faultOf(whole, ['a', 'b'], 'kill')).toMatch(/acknowledged/);
    expect(faultOf(whole, ['a'], 'power cut')).toMatch(/durable/);
    expect(faultOf(whole, ['a', 'b', 'd'], 'power cut')).toMatch(/never appended/);
    expect(faultOf(whole, ['a', 'b', 'x'], 'power cut')).toMatch(/never appended/);
    expect(faultOf(whole, null, 'power cut')).toMatch(/gone/);
    expect(faultOf({ ...whole, deleted: 'done' }, ['a', 'b'], 'kill')).toMatch(/there again/);
  });

  it('lets what failed be there, but in front of nothing that was kept', () => {
    expect(faultOf(model(durable, failed), ['a', 'b'], 'kill')).toBeNull();
    expect(faultOf(model(durable, failed), ['a', 'b', 'f'], 'kill')).toBeNull();
    expect(faultOf(model(failed, sent), ['d'], 'kill')).toBeNull();
    expect(faultOf(model(failed, sent), ['f', 'd'], 'kill')).toMatch(/failed/);
  });
});
