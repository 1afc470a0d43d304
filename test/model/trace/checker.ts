/**
 * Is a recorded trace a path of the model? All states that the model may be in after a prefix are
 * kept at once, because decisions inside a process, and what power loss left, cannot be seen. A
 * step that none of them allows refuses the trace.
 */
import { action, labelOf, stepText } from '../actions.ts';
import { Context } from '../context.ts';
import { initialState } from '../explore.ts';
import { expand } from '../process-steps.ts';
import { rulesWithout, violation, violationTexts } from '../rules.ts';
import { field, lifeField, pc } from '../state.ts';
import type { Scope } from '../state.ts';
import type { Step } from './recorder.ts';

/** What became of a trace. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly statesMax: number }
  /** `at` is the number of the step, from 0. */
  | { readonly kind: 'refused'; readonly at: number; readonly text: string };

/** Enough of everything for the traces of the tests. */
export const traceScope: Scope = {
  writers: 6,
  incarnations: 7,
  appends: 7,
  kills: 3,
  powerLosses: 2,
  deletes: 7,
  syncFailures: 0,
  leaves: 6,
  retires: 0,
  frames: 12,
};

/**
 * Syncs of what is durable already, and syncs earlier than the protocol asks for, change nothing
 * that it relies on: it never counts on something not being durable.
 */
const syncs: ReadonlySet<number> = new Set([
  action.historySynced,
  action.journalSynced,
  action.journalsSynced,
  action.rootSynced,
  action.sessionsSynced,
  action.trashSynced,
]);

/** States by their bytes. */
class StateSet {
  readonly #known = new Set<string>();
  readonly states: Uint8Array[] = [];

  add(bytes: Uint8Array): void {
    const key = String.fromCharCode(...bytes);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.states.push(bytes.slice());
  }
}

/** Follows a trace through the model. */
class Follower {
  readonly #context: Context;
  #take: (label: number) => void = () => undefined;
  #states = new StateSet();
  statesMax = 1;

  constructor() {
    this.#context = new Context(traceScope, rulesWithout(), (label) => this.#take(label));
    this.#states.add(initialState(traceScope).bytes);
  }

  /** Null when the step is allowed, or why it is not. */
  follow(step: Step): string | null {
    this.#close();
    const label = labelOf(step.name, step.life, step.detail);
    const after = new StateSet();
    let wrong: number = violation.none;
    const { next, now } = this.#context;
    this.#take = (found) => {
      if (found !== label) return;
      const code = next.get(field.violation);
      if (code !== violation.none) wrong = code;
      else after.add(next.bytes);
    };
    const isStop = step.name === 'killed' || step.name === 'powerLost';
    this.#context.stops = isStop ? 'shown' : 'hidden';
    for (const bytes of this.#states.states) {
      now.bytes.set(bytes);
      if (step.name === 'opened') {
        if (this.#hasOpen(step)) after.add(bytes);
        continue;
      }
      if (syncs.has(label & 255) || this.#hasEnded(step)) after.add(bytes);
      expand(this.#context);
    }
    if (after.states.length === 0)
      return wrong === 0 ? 'no such step' : (violationTexts[wrong] ?? '');
    this.#states = after;
    this.statesMax = Math.max(this.statesMax, after.states.length);
    return null;
  }

  /** A process that has left the store can be killed: nothing changes but who lets go of its lock. */
  #hasEnded({ name, life }: Step): boolean {
    return name === 'killed' && this.#context.now.life(life, lifeField.pc) === pc.dead;
  }

  #hasOpen({ life, detail }: Step): boolean {
    const { now } = this.#context;
    const isOpen = now.life(life, lifeField.pc) === pc.open;
    return isOpen && (now.life(life, lifeField.flags) & 0x0f) === detail;
  }

  /** Adds what decisions inside the processes lead to. */
  #close(): void {
    const { next, now } = this.#context;
    this.#take = (label) => {
      const isSound = next.get(field.violation) === violation.none;
      if ((label & 255) === action.internal && isSound) this.#states.add(next.bytes);
    };
    this.#context.stops = 'hidden';
    for (let index = 0; index < this.#states.states.length; index += 1) {
      const bytes = this.#states.states[index];
      if (bytes === undefined) break;
      now.bytes.set(bytes);
      expand(this.#context);
    }
  }
}

/** Checks a whole trace. */
export function checkTrace(steps: readonly Step[]): Verdict {
  const follower = new Follower();
  for (const [at, step] of steps.entries()) {
    const why = follower.follow(step);
    if (why === null) continue;
    const from = Math.max(0, at - 25);
    const before = steps.slice(from, at).map((one, index) => `${from + index}  ${textOf(one)}`);
    const text = `${before.join('\n')}\n${at}  ${textOf(step)}   <- ${why}`;
    return { kind: 'refused', at, text };
  }
  return { kind: 'accepted', statesMax: follower.statesMax };
}

/** A recorded step in words. */
export function textOf({ name, life, detail }: Step): string {
  return stepText(labelOf(name, life, detail));
}
