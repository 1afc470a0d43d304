/**
 * Stands in for `vitest` in compiled tests: collects tests and runs those that are asked for, in the
 * order that is asked for, in one process that starts in a moment. What it does not know, it refuses.
 */
import { format } from 'node:util';
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  customMatchers,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  chai,
  getState,
  setState,
} from '@vitest/expect';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** The assertions of vitest themselves. */
export const expect = (value, message) => chai.expect(value, message);
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
expect.getState = () => getState(expect);
expect.setState = (state) => setState(state, expect);
setState(
  { assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null },
  expect,
);
globalThis[GLOBAL_EXPECT] = expect;
chai.expect.extend(expect, customMatchers);

/** Types are the compiler's business. */
export const expectTypeOf = () => {
  const anything = new Proxy(() => anything, { get: () => anything });
  return anything;
};

const noHooks = () => ({ beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] });
const suiteOf = (name, parent, mode) => {
  return { name, parent, mode, hooks: noHooks(), tests: [], begun: null };
};

let suite = suiteOf('', null, 'run');
let waiting = [];

function titleOf(name, value, index) {
  const told = name.replace(/%#/g, String(index)).replace(/\$([\w.]+)/g, (all, path) => {
    const found = path.split('.').reduce((part, key) => part?.[key], value);
    return found === undefined ? all : String(found);
  });
  const values = Array.isArray(value) ? value : [value];
  const marks = told.match(/%[sdifjoO]/g)?.length ?? 0;
  return format(told, ...values.slice(0, marks));
}

/** `each`, `skipIf` and `runIf` of a function that takes a name, perhaps options, and a body. */
function withVariants(add) {
  const call = (mode) => (name, one, other) =>
    add(mode, name, typeof one === 'function' ? one : other);
  const each = (cases) => (name, one, other) => {
    const body = typeof one === 'function' ? one : other;
    for (const [index, value] of cases.entries()) {
      const values = Array.isArray(value) ? value : [value];
      add('run', titleOf(name, value, index), () => body(...values));
    }
  };
  const run = call('run');
  const skip = call('skip');
  return Object.assign(run, {
    each,
    skip,
    skipIf: (condition) => (condition ? skip : run),
    runIf: (condition) => (condition ? run : skip),
  });
}

/** A group of tests. */
export const describe = withVariants((mode, name, body) => {
  const outer = suite;
  const inner = suiteOf(name, outer, outer.mode === 'skip' ? 'skip' : mode);
  suite = inner;
  const done = body();
  suite = outer;
  if (done instanceof Promise) throw new Error(`describe of a promise: ${name}`);
});

class Skipped extends Error {}

const context = {
  skip: () => {
    throw new Skipped();
  },
};

/** A test. */
export const it = withVariants((mode, name, body) => {
  const names = [];
  for (let one = suite; one.parent !== null; one = one.parent) names.unshift(one.name);
  waiting.push({
    title: [...names, name].join(' > '),
    suite,
    mode: suite.mode === 'skip' ? 'skip' : mode,
    body: () => body(context),
  });
});
/** The same. */
export const test = it;

const hook = (kind) => (body) => void suite.hooks[kind].push(body);
/** What is done around tests. */
export const beforeAll = hook('beforeAll');
export const afterAll = hook('afterAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');

/** Time that stands still is another matter. */
export const vi = new Proxy(
  {},
  {
    get: (_, name) => () => {
      throw new Error(`vi.${String(name)} is not known here`);
    },
  },
);

/** Collects the tests of a file. */
export async function collect(url) {
  suite = suiteOf('', null, 'run');
  waiting = [];
  await import(url);
  return waiting;
}

function chainOf(test) {
  const chain = [];
  for (let one = test.suite; one !== null; one = one.parent) chain.unshift(one);
  return chain;
}

const begun = [];

async function begin(one) {
  for (const body of one.hooks.beforeAll) {
    const undo = await body();
    if (typeof undo === 'function') one.hooks.afterAll.push(undo);
  }
  begun.push(one);
}

/** Runs one test; throws as it fails. Answers whether it was skipped. */
export async function run(test) {
  if (test.mode === 'skip') return 'skipped';
  const chain = chainOf(test);
  for (const one of chain) {
    one.begun ??= begin(one);
    await one.begun;
  }
  const undone = [];
  try {
    for (const body of chain.flatMap(({ hooks }) => hooks.beforeEach)) {
      const undo = await body(context);
      if (typeof undo === 'function') undone.unshift(undo);
    }
    await test.body();
    return 'passed';
  } catch (error) {
    if (error instanceof Skipped) return 'skipped';
    throw error;
  } finally {
    const after = chain.toReversed().flatMap(({ hooks }) => hooks.afterEach);
    for (const body of [...undone, ...after]) await body(context);
  }
}

/** What all tests left behind is cleared away. */
export async function end() {
  for (const one of begun.toReversed()) for (const body of one.hooks.afterAll) await body();
}
