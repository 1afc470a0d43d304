/** Random histories, most of them nearly right. */
import type { ContentBlock } from '../../src/session/message.ts';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { Damage } from './damage.ts';
import { HistoryMaker } from './valid-history.ts';
import type { LooseMessage } from './valid-history.ts';

/** A history and what was done to it. */
export interface RandomHistory {
  readonly messages: readonly PlacedMessage[];
  readonly damages: readonly string[];
  /** True when the ids alone tell which result belongs to which call. */
  readonly isPlain: boolean;
  /** True when nothing was written twice. */
  readonly isSingle: boolean;
}

/** The history of a seed. */
export function randomHistory(seed: number): RandomHistory {
  const prng = Prng.fromSeed(seed);
  const maker = new HistoryMaker(prng);
  const messages = maker.history();
  const damage = new Damage(prng, maker, messages);
  const names = Object.keys(damage.kinds);
  const [first = ''] = names;
  const damages: string[] = [];
  const count = prng.chance(0.15) ? 0 : 1 + prng.below(prng.chance(0.2) ? 10 : 3);
  while (damages.length < count) {
    const name = prng.pick([first, ...names]);
    damage.kinds[name]?.();
    damages.push(name);
  }
  const isPlain = maker.style !== 'per-turn' && !damages.some((one) => Damage.confusing.has(one));
  const isSingle = !damages.some((one) => one.startsWith('double'));
  return { messages: placed(messages), damages, isPlain, isSingle };
}

/** Messages with places, as a reader of a file with one message a line gives them. */
export function placed(messages: readonly LooseMessage[]): readonly PlacedMessage[] {
  return messages.map(({ role, content }, record) => {
    const place = { record, offset: record * 100, length: 99, line: record + 1, id: `m${record}` };
    return {
      role,
      content: content as unknown as readonly ContentBlock[],
      place,
      places: content.map(() => place),
      model: role === 'assistant' ? 'a-model' : null,
    };
  });
}
