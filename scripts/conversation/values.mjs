/** Features of the conversation `build-a-parser`: what programs are about. See `features.mjs`. */

/** In the order of the work. */
export const values = [
  {
    name: 'logic',
    ask: 'and, or, not. Short-circuit, of course.',
    think:
      'The words are names to the lexer and operators to the parser. `and` binds ' +
      'tighter than `or`. The evaluator must not touch the right side when the left ' +
      'decides.',
    file: 'evaluate',
    code: `const logic = {
  and: (left, right) => left() && right(),
  or: (left, right) => left() && right(),
};

export function evaluateLogic(node, scope) {
  const decide = logic[node.operator];
  return decide(
    () => asBoolean(evaluateNode(node.left, scope), node.left),
    () => asBoolean(evaluateNode(node.right, scope), node.right),
  );
}`,
    check: `assert.equal(evaluate('true or fail()'), true);
assert.equal(evaluate('false and fail()'), false);`,
    fault: 'fail() was called: "or" evaluates its right side although the left side is true',
    mend: [
      '  or: (left, right) => left() && right(),',
      '  or: (left, right) => left() || right(),',
    ],
    done: 'Logic short-circuits on both sides. (I had copied the line of `and` for `or`.)',
  },
  {
    name: 'conditional',
    ask: 'if a then b else c, as an expression.',
    think:
      'An expression always has a value, so `else` is required. The three parts are ' +
      'full expressions; the last one reaches as far as it can.',
    file: 'parser',
    code: `export function parseIf(tokens) {
  const start = tokens.expect('if');
  const condition = parseBinary(tokens, 1);
  tokens.expect('then');
  const yes = parseBinary(tokens, 1);
  tokens.expect('else');
  const no = parsePrimary(tokens);
  return { kind: 'if', condition, yes, no, at: start.at };
}`,
    check: `assert.equal(evaluate('if 1 < 2 then 10 else 20 + 1'), 10);
assert.equal(evaluate('if 1 > 2 then 10 else 20 + 1'), 21);`,
    fault: 'Unexpected token "+" at column 27: the else branch ends after 20',
    mend: ['  const no = parsePrimary(tokens);', '  const no = parseBinary(tokens, 1);'],
    done: 'Conditionals are expressions and `else` takes everything to its right.',
  },
  {
    name: 'lists',
    ask: 'Lists: [1, 2, 3] and xs[0], negative index from the end.',
    think:
      'The list of arguments has the same shape, so parseList serves both. Index ' +
      'from the end as in -1 for the last. Out of range is an error that names the ' +
      'length.',
    file: 'evaluate',
    code: `export function evaluateIndex(node, scope) {
  const list = asList(evaluateNode(node.target, scope), node.target);
  const index = asInteger(evaluateNode(node.index, scope), node.index);
  const place = index < 0 ? list.length - index : index;
  if (place < 0 || place >= list.length) {
    throw new TallyError(\`index \${index} is outside a list of \${list.length}\`, node.index.at);
  }
  return list[place];
}`,
    check: `assert.equal(evaluate('[1, 2, 3][0]'), 1);
assert.equal(evaluate('[1, 2, 3][-1]'), 3);`,
    fault: 'index -1 is outside a list of 3 (column 10)',
    mend: [
      '  const place = index < 0 ? list.length - index : index;',
      '  const place = index < 0 ? list.length + index : index;',
    ],
    done: 'Lists and indexes work, from both ends.',
  },
  {
    name: 'records',
    ask: 'Records: {name: "x", size: 3} and r.name. A key twice should be an error.',
    think:
      'Records must not be plain objects inside the evaluator: a key called ' +
      '__proto__ or constructor would reach the machine below. A Map has no such ' +
      'doors.',
    file: 'evaluate',
    code: `export function evaluateRecord(node, scope) {
  const record = {};
  for (const { key, value } of node.members) {
    if (key.name in record) throw new TallyError(\`the key \${key.name} is given twice\`, key.at);
    record[key.name] = evaluateNode(value, scope);
  }
  return record;
}`,
    check: `assert.equal(evaluate('{a: 1, b: 2}.b'), 2);
assert.equal(evaluate('{toString: 5}.toString'), 5);`,
    fault: 'the key toString is given twice (column 2), although it stands there once',
    mend: ['  const record = {};', '  const record = Object.create(null);'],
    done:
      'Records have their own keys and nothing inherited; `toString` is a key like ' + 'any other.',
  },
  {
    name: 'let',
    ask: 'let x = 1 in x + 1. Shadowing is allowed.',
    think:
      'A scope is a chain of small maps. `let` makes a new link, so the outer name ' +
      'comes back by itself. The value is evaluated in the outer scope: let x = x + ' +
      '1 is fine.',
    file: 'evaluate',
    code: `export function evaluateLet(node, scope) {
  const inner = new Map(scope);
  inner.set(node.name, evaluateNode(node.value, inner));
  return evaluateNode(node.body, inner);
}

export function lookUp(scope, name, at) {
  const hint = nearest(scope, name);
  if (!scope.has(name)) throw new TallyError(\`\${name} is not defined\${hint}\`, at);
  return scope.get(name);
}`,
    check: `assert.equal(evaluate('let x = 1 in let x = x + 1 in x'), 2);
assert.throws(() => evaluate('pric', { price: 1 }), /did you mean price/);`,
    fault: 'nearest is not defined: the hint for misspelt names is missing',
    mend: [
      'export function evaluateLet(node, scope) {',
      `function nearest(scope, name) {
  const close = [...scope.keys()].find((known) => known.startsWith(name) || name.startsWith(known));
  return close === undefined ? '' : \`; did you mean \${close}?\`;
}

export function evaluateLet(node, scope) {`,
    ],
    done: '`let` shadows as it should, and a misspelt name gets a hint.',
  },
  {
    name: 'functions',
    ask: 'Functions as values: fn(x) x * 2. Closures too.',
    think:
      'A function value keeps the scope in which it was made. The number of ' +
      'arguments is checked at the call, with both numbers in the message.',
    file: 'evaluate',
    code: `export function evaluateFunction(node, scope) {
  return (inputs, at) => {
    if (inputs.length !== node.inputs.length) {
      throw new TallyError(\`\${node.inputs.length} inputs expected, \${inputs.length} given\`, at);
    }
    const inner = new Map();
    for (const [index, name] of node.inputs.entries()) inner.set(name, inputs[index]);
    return evaluateNode(node.body, inner);
  };
}`,
    check: `assert.equal(evaluate('let k = 3 in let f = fn(x) x * k in f(2)'), 6);`,
    fault: 'k is not defined (column 31): the function does not see the scope around it',
    mend: ['    const inner = new Map();', '    const inner = new Map(scope);'],
    done: 'Functions are values and remember where they were made.',
  },
  {
    name: 'recursion-bound',
    ask:
      'Someone will write an endless recursion. I want an error of ours, not a stack ' +
      'overflow.',
    think:
      'Count the depth of calls and refuse beyond a bound that is far below what the ' +
      'machine can take. The counter has to go down on errors as well, otherwise one ' +
      'failure poisons the next run.',
    file: 'evaluate',
    code: `const callDepthMax = 500;
let callDepth = 0;

export function evaluateCall(node, scope) {
  const target = asFunction(evaluateNode(node.target, scope), node.target);
  const inputs = node.inputs.map((input) => evaluateNode(input, scope));
  callDepth += 1;
  if (callDepth > callDepthMax) throw new TallyError('calls are nested too deep', node.at);
  const value = target(inputs, node.at);
  callDepth -= 1;
  return value;
}`,
    check: `assert.throws(() => evaluate(endless), /nested too deep/);
assert.equal(evaluate('max(1, 2)'), 2);`,
    fault:
      'The second evaluation fails with "calls are nested too deep" although it has ' + 'one call',
    mend: [
      '  const value = target(inputs, node.at);\n  callDepth -= 1;\n  return value;',
      '  try {\n    return target(inputs, node.at);\n  } finally {\n    callDepth -= 1;\n  }',
    ],
    done: 'Endless recursion ends in an error of ours, and the next evaluation starts from zero.',
  },
];
