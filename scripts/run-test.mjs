/**
 * Hands the options of a long run over to the test that does the work, in variables of its
 * environment, and ends as it ends.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { readOptions, refuse } from './usage.mjs';

const wholeNumber = /^[1-9]\d*$/;

/**
 * `options`: by name, the variable (`env`), which values are right (`rule`, default: a whole number
 * above 0), what is taken when it is not given, whether it is a `path`, and the `help` line.
 * `prints`: what a run prints, and how it ends. `tests`: by the value of the option that
 * `picksTest`, another file than `test`.
 */
export function runTest({ usage, prints, test, tests = {}, options }) {
  const settings = Object.entries(options).map(([name, option]) => [
    name,
    option.default === undefined ? { type: 'string' } : { type: 'string', default: option.default },
  ]);
  const lines = Object.entries(options).map(([name, { help }]) => `  --${name.padEnd(12)} ${help}`);
  const { values } = readOptions({
    usage: `Usage: ${usage}\n\n${lines.join('\n')}\n\n${prints}\n`,
    options: Object.fromEntries(settings),
  });
  const env = { ...process.env };
  for (const [name, { rule, path, env: variable }] of Object.entries(options)) {
    const value = values[name];
    if (value === undefined) continue;
    if (!path && !(rule ?? wholeNumber).test(value)) {
      refuse(`--${name} cannot be ${JSON.stringify(value)}`);
    }
    env[variable] = path ? resolve(value) : value;
  }
  const [picking] = Object.keys(options).filter((name) => options[name].picksTest);
  const file = tests[values[picking]] ?? test;
  const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
  const { status } = spawnSync(process.execPath, [vitest, 'run', file], { env, stdio: 'inherit' });
  process.exit(status ?? 70);
}
