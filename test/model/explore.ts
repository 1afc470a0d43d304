/**
 * Breadth-first over all states of a scope. Every state is kept whole, so nothing is decided by a
 * hash, and the first violation that is found is one with the fewest steps.
 */
import { partsOf, stepText } from './actions.ts';
import type { ActionName } from './actions.ts';
import { Context } from './context.ts';
import { expand } from './process-steps.ts';
import type { Rules } from './rules.ts';
import { violation, violationTexts } from './rules.ts';
import { field, frame, lifeField, pc, sessionField, State } from './state.ts';
import type { Scope } from './state.ts';

/** What a search gave. */
export interface Result {
  readonly states: number;
  readonly edges: number;
  /** Steps to the state that is farthest away. */
  readonly depth: number;
  /** Names of the steps that were taken at least once. */
  readonly actions: ReadonlySet<ActionName>;
  readonly isComplete: boolean;
  readonly violation: { readonly code: number; readonly steps: readonly string[] } | null;
}

/** What a search is asked for. */
export interface Search {
  readonly scope: Scope;
  readonly rules: Rules;
  /** Codes of violations that end it; others are passed over, with all behind them. Default all. */
  readonly kinds?: readonly number[];
  /** Where it begins; default: an empty store. */
  readonly from?: (scope: Scope) => State;
  /** States after which it gives up. */
  readonly statesMax?: number;
}

/** The state before everything. */
export function initialState(scope: Scope): State {
  const state = new State(scope);
  state.set(field.kills, scope.kills);
  state.set(field.powerLosses, scope.powerLosses);
  state.set(field.deletes, scope.deletes);
  state.set(field.syncFailures, scope.syncFailures);
  state.set(field.leaves, scope.leaves);
  state.set(field.retires, scope.retires);
  return state;
}

/**
 * A store after power loss: the first writer is dead, and its journal alone holds an entry that was
 * acknowledged.
 */
export function abandonedState(scope: Scope): State {
  const state = initialState(scope);
  state.set(field.writersUsed, 1);
  state.settleWriters(1 << 1);
  state.setLife(1, lifeField.pc, pc.dead);
  state.setLife(1, lifeField.directory, 3);
  state.setLife(1, lifeField.synced, 1);
  state.setFrame(1, 0, frame.entry | 1);
  state.set(field.sessionsUsed, 1);
  state.set(field.created, 1 << 1);
  state.settleName(1);
  state.setSession(1, sessionField.headDurable, 1 << 3);
  state.set(field.valuesUsed, 1);
  state.placeValue(1, 1, 1);
  state.set(field.told, 1 << 1);
  return state;
}

const chunkStates = 1 << 16;

/** All states so far, each once, with the way that led there. */
class States {
  readonly #words: number;
  readonly #chunks: Uint32Array[] = [];
  #parents = new Int32Array(chunkStates);
  #labels = new Uint32Array(chunkStates);
  #table = new Int32Array(1 << 18).fill(-1);
  count = 0;

  constructor(words: number) {
    this.#words = words;
  }

  /** Adds a state; false when it was there. */
  add(state: Uint32Array, parent: number, label: number): boolean {
    const mask = this.#table.length - 1;
    let slot = hashOf(state) & mask;
    for (;;) {
      const known = this.#table[slot] ?? -1;
      if (known < 0) break;
      if (this.#equals(known, state)) return false;
      slot = (slot + 1) & mask;
    }
    this.#table[slot] = this.count;
    this.#store(state, parent, label);
    if (this.count * 2 > this.#table.length) this.#grow();
    return true;
  }

  /** Copies a state out. */
  read(index: number, into: Uint32Array): void {
    const chunk = this.#chunks[Math.floor(index / chunkStates)];
    const from = (index % chunkStates) * this.#words;
    if (chunk !== undefined) into.set(chunk.subarray(from, from + this.#words));
  }

  /** Labels of the steps to a state. */
  pathTo(index: number): number[] {
    const labels: number[] = [];
    for (let at = index; at > 0; at = this.#parents[at] ?? 0) labels.push(this.#labels[at] ?? 0);
    return labels.reverse();
  }

  #store(state: Uint32Array, parent: number, label: number): void {
    const index = this.count;
    if (index % chunkStates === 0) {
      this.#chunks.push(new Uint32Array(chunkStates * this.#words));
      if (index === this.#parents.length) {
        this.#parents = enlarged(this.#parents, new Int32Array(index * 2));
        this.#labels = enlarged(this.#labels, new Uint32Array(index * 2));
      }
    }
    this.#chunks.at(-1)?.set(state, (index % chunkStates) * this.#words);
    this.#parents[index] = parent;
    this.#labels[index] = label;
    this.count += 1;
  }

  #equals(index: number, state: Uint32Array): boolean {
    const chunk = this.#chunks[Math.floor(index / chunkStates)];
    if (chunk === undefined) return false;
    const from = (index % chunkStates) * this.#words;
    for (let word = 0; word < this.#words; word += 1) {
      if (chunk[from + word] !== state[word]) return false;
    }
    return true;
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2).fill(-1);
    const mask = table.length - 1;
    const state = new Uint32Array(this.#words);
    for (let index = 0; index < this.count; index += 1) {
      this.read(index, state);
      let slot = hashOf(state) & mask;
      while ((table[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      table[slot] = index;
    }
    this.#table = table;
  }
}

function enlarged<T extends Int32Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

function hashOf(state: Uint32Array): number {
  let hash = 0x9e3779b9;
  for (let word = 0; word < state.length; word += 1) {
    hash = Math.imul(hash ^ (state[word] ?? 0), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** Goes through the whole space, or to the first violation. */
export function explore(search: Search): Result {
  const { scope, rules, kinds, from = initialState } = search;
  const { statesMax = Number.POSITIVE_INFINITY } = search;
  const first = from(scope);
  const words = first.bytes.length / 4;
  const states = new States(words);
  let parent = 0;
  let edges = 0;
  let found: number | null = null;
  const labels = new Set<number>();
  const context = new Context(scope, rules, (label) => {
    edges += 1;
    labels.add(label & 255);
    const code = context.next.get(field.violation);
    const isWanted = code !== violation.none && (kinds === undefined || kinds.includes(code));
    if (code !== violation.none && !isWanted) return;
    if (!states.add(nextWords, parent, label)) return;
    if (isWanted) found ??= states.count - 1;
  });
  const nextWords = new Uint32Array(context.next.bytes.buffer);
  const nowWords = new Uint32Array(context.now.bytes.buffer);
  states.add(new Uint32Array(first.bytes.buffer), 0, 0);
  let depth = 0;
  let levelEnd = 1;
  while (parent < states.count && found === null && states.count < statesMax) {
    states.read(parent, nowWords);
    expand(context);
    parent += 1;
    if (parent < levelEnd || parent === states.count) continue;
    levelEnd = states.count;
    depth += 1;
  }
  const actions = new Set([...labels].map((label) => partsOf(label).name));
  const counts = { states: states.count, edges, depth, actions };
  if (found === null) return { ...counts, isComplete: parent === states.count, violation: null };
  states.read(found, nowWords);
  const code = context.now.get(field.violation);
  const steps = states.pathTo(found).map(stepText);
  return { ...counts, isComplete: false, violation: { code, steps } };
}

/** A violation with its steps, for people. */
export function violationText(result: Result): string {
  if (result.violation === null) return 'no violation';
  const { code, steps } = result.violation;
  const lines = steps.map((step, index) => `${String(index + 1).padStart(4)}  ${step}`);
  return `${violationTexts[code] ?? ''}, after ${steps.length} steps:\n${lines.join('\n')}`;
}
