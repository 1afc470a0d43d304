/**
 * The protocol between writers, exhaustively: with all rules no state of these spaces is wrong, and
 * without any one of them some is. Larger spaces: `npm run model`.
 */
import { describe, expect, test } from 'vitest';
import { action } from './actions.ts';
import type { ActionName } from './actions.ts';
import { explore, violationText } from './explore.ts';
import { neededRules, redundantRules } from './rule-cases.ts';
import { ruleNames, ruleTexts, rulesWithout, violationTexts } from './rules.ts';
import type { RuleName } from './rules.ts';
import { smallScopes } from './scopes.ts';

describe('the protocol with all rules', () => {
  const taken = new Set<ActionName>();

  test.each(smallScopes)('explore finds no violation in %o', (scope) => {
    const result = explore({ scope, rules: rulesWithout() });
    expect(violationText(result)).toBe('no violation');
    expect(result.isComplete).toBe(true);
    // The number is what was proven: a space that shrinks unseen would prove less.
    console.log(`${result.states} states, ${result.edges} steps, depth ${result.depth}`);
    expect(result.states).toBeGreaterThan(50_000);
    for (const name of result.actions) taken.add(name);
  });

  test('explore takes every step of the model in one of these spaces', () => {
    // `opened` is what a trace says about a state, and no step.
    const names = Object.keys(action).filter((name) => name !== 'opened');
    expect([...taken].toSorted()).toEqual(names.toSorted());
  });
});

describe('the protocol without one rule', () => {
  test('explore finds the harm, with the steps that are kept in counterexamples.txt', async () => {
    const told: string[] = [];
    for (const { rule, scope, code } of neededRules) {
      const result = explore({ scope, rules: rulesWithout(rule) });
      expect(`${rule}: ${violationTexts[result.violation?.code ?? 0]}`).toBe(
        `${rule}: ${violationTexts[code]}`,
      );
      told.push(`Without "${ruleTexts[rule]}":\n${violationText(result)}\n`);
    }
    await expect(told.join('\n')).toMatchFileSnapshot('counterexamples.txt');
  });

  test.each(redundantRules)('$rule is redundant: $because', (one) => {
    const { rule, others, scope, code, from } = one;
    const search = { scope, kinds: [code], ...(from === undefined ? {} : { from }) };
    const off = (...names: RuleName[]): string =>
      violationText(explore({ ...search, rules: rulesWithout(...names) })).split(',')[0] ?? '';
    expect(off(rule)).toBe('no violation');
    expect(off(...others)).toBe('no violation');
    expect(off(rule, ...others)).toBe(violationTexts[code]);
  });

  test('every rule is needed, or redundant for a reason', () => {
    const known = [...neededRules, ...redundantRules].map(({ rule }) => rule);
    expect(known.toSorted()).toEqual(ruleNames.toSorted());
  });
});
