/**
 * Writes `fixtures/conversations/build-a-parser.jsonl`: the conversation of an agent that builds a
 * small language, one message a line, the same bytes every time. It is what demonstrations and
 * measurements run on: user requests, thinking, parallel calls, file contents, failures and what
 * mends them, in several scripts. Everything in it was written for this purpose.
 *
 *     node scripts/make-conversation.mjs
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { features } from './conversation/features.mjs';

const fixture = new URL('../fixtures/conversations/build-a-parser.jsonl', import.meta.url);

/** Questions that the user puts between two features, and the answers. */
const questions = [
  ['Why no parser generator?', 'Errors. A hand-written parser knows where it is and why.'],
  ['¿Cuántas pruebas tenemos ya?', 'One file for each feature, all of them run each time.'],
  ['ありがとう！次に進んでください。', 'どういたしまして。続けます。'],
  ['Is anything of this slow?', 'Not that I know. I have not measured yet, so take it as a guess.'],
  ['Bitte ab jetzt kürzere Antworten.', 'Gern.'],
];

/** The messages of the conversation. */
export function conversation() {
  return new Conversation().all();
}

class Conversation {
  #messages = [];
  #calls = 0;
  /** Path to text, as the agent would find it on disk. */
  #files = new Map([['package.json', '{ "name": "tally", "type": "module", "private": true }\n']]);

  all() {
    for (const [index, feature] of features.entries()) this.#episode(feature, index);
    return this.#messages;
  }

  #episode(feature, index) {
    const path = `src/${feature.file}.js`;
    this.#user(index % 3 === 0 ? feature.ask : [{ type: 'text', text: feature.ask }]);
    this.#look(feature, path, index);
    if (index % 6 === 4) this.#missing();
    this.#write(path, this.#grown(path, feature), `Adding ${feature.name} to ${path}.`);
    this.#write(`test/${feature.name}.test.js`, testOf(feature));
    this.#test(feature, true);
    this.#mend(path, feature);
    this.#test(feature, false);
    this.#assistant([{ type: 'text', text: feature.done }]);
    if (index % 5 === 2) this.#question(questions[(index - 2) / 5]);
  }

  /** Reads what there is, several files in one message. */
  #look(feature, path, index) {
    const known = [...this.#files.keys()].filter((name) => name.startsWith('src/'));
    const tests = [...this.#files.keys()].filter((name) => name.startsWith('test/')).slice(-2);
    const paths = new Set([path, ...known.slice(0, 3 + (index % 4)), ...tests]);
    const present = [...paths].filter((name) => this.#files.has(name));
    const calls = present.map((name) => this.#call('read', { path: name }));
    calls.push(this.#call('bash', { command: 'ls -1 src test' }));
    this.#assistant([
      { type: 'thinking', thinking: feature.think, signature: signature(feature.think) },
      { type: 'text', text: `Let me look at what is there before I add ${feature.name}.` },
      ...calls,
    ]);
    const listing = [...this.#files.keys()].sort().join('\n');
    const contents = present.map((name) => numbered(this.#files.get(name)));
    this.#results(calls, [...contents, listing]);
  }

  /** A read that fails, as happens. */
  #missing() {
    const call = this.#call('read', { path: 'src/tokens.js' });
    this.#assistant([{ type: 'text', text: 'There may be a token stream already.' }, call]);
    this.#results([call], ['ENOENT: no such file or directory, open "src/tokens.js"'], true);
  }

  #write(path, content, text) {
    const call = this.#call('write', { path, content });
    this.#files.set(path, content);
    this.#assistant(text === undefined ? [call] : [{ type: 'text', text }, call]);
    this.#results([call], [`wrote ${Buffer.byteLength(content)} bytes to ${path}`]);
  }

  #test(feature, fails) {
    const call = this.#call('bash', { command: 'node --test test/', timeout_ms: 60_000 });
    this.#assistant([{ type: 'text', text: fails ? 'Now the tests.' : 'Again.' }, call]);
    const suites = [...this.#files.keys()].filter((path) => path.startsWith('test/'));
    const lines = suites.flatMap((path, index) => {
      const failed = fails && path === `test/${feature.name}.test.js`;
      const milliseconds = (30 + ((index * 7) % 11)) / 100;
      return [
        `# Subtest: ${path}`,
        `${failed ? 'not ok' : 'ok'} ${index + 1} - ${path}`,
        '  ---',
        `  duration_ms: ${milliseconds}`,
        `  type: 'test'`,
        ...(failed ? failure(feature) : []),
        '  ...',
      ];
    });
    lines.push(`1..${suites.length}`, `# tests ${suites.length}`, `# fail ${fails ? 1 : 0}`);
    this.#results([call], [lines.join('\n')], fails);
  }

  #mend(path, feature) {
    const [before, after] = feature.mend;
    const content = this.#files.get(path);
    if (!content.includes(before)) throw new Error(`${feature.name}: there is nothing to mend`);
    this.#files.set(
      path,
      content.replace(before, () => after),
    );
    const call = this.#call('edit', { path, old: before, new: after });
    const thinking = `The test says: ${feature.fault}. So it is this place: ${before.trim()}`;
    this.#assistant([
      { type: 'thinking', thinking, signature: signature(thinking) },
      { type: 'text', text: `${feature.fault}. I see it.` },
      call,
    ]);
    this.#results([call], [`1 place changed in ${path}`]);
  }

  #question([question, answer]) {
    this.#user(question);
    this.#assistant([{ type: 'text', text: answer }]);
  }

  /** The file with the code of one more feature. */
  #grown(path, feature) {
    const before =
      this.#files.get(path) ?? `/** ${path} of Tally, a small language for formulas. */\n`;
    return `${before}\n// ${feature.name}\n${feature.code}\n`;
  }

  #call(name, input) {
    this.#calls += 1;
    return {
      type: 'tool_use',
      id: `toolu_tally_${String(this.#calls).padStart(4, '0')}`,
      name,
      input,
    };
  }

  #results(calls, contents, failed = false) {
    this.#user(
      calls.map(({ id }, index) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: index % 2 === 0 ? contents[index] : [{ type: 'text', text: contents[index] }],
        ...(failed ? { is_error: true } : {}),
      })),
    );
  }

  #user(content) {
    this.#messages.push({ role: 'user', content });
  }

  #assistant(content) {
    const tokens = Math.ceil(JSON.stringify(content).length / 4);
    const usage = { input_tokens: 900 + 40 * this.#messages.length, output_tokens: tokens };
    this.#messages.push({ role: 'assistant', content, model: 'example-model-1', usage });
  }
}

function testOf({ name, check }) {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorAt, evaluate, format, frame, linesOfErrors, shape } from '../src/index.js';

test('${name}', () => {
  ${check.replaceAll('\n', '\n  ')}
});
`;
}

function failure({ name, fault, check, file }) {
  const source = check.split('\n').map((line) => `    ${line}`);
  return [
    `  failureType: 'testCodeFailure'`,
    `  error: '${fault}'`,
    `  code: 'ERR_ASSERTION'`,
    '  source: |-',
    ...source,
    '  stack: |-',
    `    TestContext.<anonymous> (test/${name}.test.js:6:${3 + (name.length % 7)})`,
    `    evaluate (src/index.js:21:10)`,
    `    Test.runInAsyncScope (node:async_hooks:206:9)`,
    `    see src/${file}.js`,
  ];
}

function numbered(text) {
  return text
    .trimEnd()
    .split('\n')
    .map((line, index) => `${String(index + 1).padStart(5)}  ${line}`)
    .join('\n');
}

/** Looks like the signature of a thinking block: opaque, and different for each text. */
function signature(text) {
  let state = 2166136261;
  const bytes = new Uint8Array(96);
  for (const [index, unit] of [...text].entries()) {
    state = Math.imul(state ^ unit.codePointAt(0), 16777619);
    bytes[index % bytes.length] ^= state >>> 24;
  }
  return Buffer.from(bytes).toString('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = conversation().map((message) => `${JSON.stringify(message)}\n`);
  writeFileSync(fixture, lines.join(''));
}
