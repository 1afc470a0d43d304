/**
 * Random lives of a store against a plain model: every acknowledged message survives what it was
 * promised to survive, nothing else appears, every store opens again. `npm run sim` runs it for long.
 */
import { describe, expect, it } from 'vitest';
import { faultOf } from './model.ts';
import type { SessionModel } from './model.ts';
import { World } from './world.ts';

const firstSeed = Number(process.env['HOLDFAST_SIM_SEED'] ?? 1);
const seeds = Number(process.env['HOLDFAST_SIM_SEEDS'] ?? 8);
const steps = Number(process.env['HOLDFAST_SIM_STEPS'] ?? 60);

describe('a store under power cuts and kills', () => {
  it(
    'keeps what it promised in every state that a crash can leave',
    async () => {
      const total = { states: 0, kills: 0, recoveriesCut: 0, appends: 0 };
      const begin = process.hrtime.bigint();
      for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
        const { tally } = await lifeOf(seed);
        for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += tally[name];
      }
      const seconds = Number((process.hrtime.bigint() - begin) / 1_000_000n) / 1000;
      console.log(
        `seeds ${firstSeed} to ${firstSeed + seeds - 1}, ${steps} steps each: ${total.states} crash states ` +
          `recovered, ${total.recoveriesCut} of them after a recovery that was cut off, ` +
          `${total.kills} kills, ${total.appends} appends, ${seconds.toFixed(0)} s`,
      );
      expect(total.states).toBeGreaterThan(seeds);
    },
    24 * 3600 * 1000,
  );
});

async function lifeOf(seed: number): Promise<World> {
  const world = await World.start(seed);
  for (let step = 0; step < steps; step += 1) {
    try {
      await world.step();
    } catch (error) {
      const again = `npm run sim -- --seed ${seed} --seeds 1 --steps ${step + 1}`;
      throw new Error(`Violation with seed ${seed} in step ${step}; again: ${again}`, {
        cause: error,
      });
    }
  }
  return world;
}

describe('faultOf', () => {
  const model = (...groups: SessionModel['groups']): SessionModel => {
    return { id: 's', groups, created: 'done', deleted: 'no' };
  };
  const durable = { texts: ['a', 'b'], certainty: 'durable' } as const;
  const acknowledged = { texts: ['c'], certainty: 'acknowledged' } as const;
  const sent = { texts: ['d'], certainty: 'sent' } as const;

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
});
