/** Features of the conversation `build-a-parser`: what surrounds a language. See `features.mjs`. */

/** In the order of the work. */
export const tools = [
  {
    name: 'error-frames',
    ask: 'Errors should show the line with a caret under the place. Mind the emoji and tabs 🙂.',
    think:
      'The caret is placed by display columns, not by code units. A tab before the ' +
      'place is copied as a tab, so that the terminal moves both lines alike. Wide ' +
      'characters count two.',
    file: 'print',
    code: `export function frame(text, at) {
  const start = text.lastIndexOf('\\n', at - 1) + 1;
  const stop = text.indexOf('\\n', at);
  const line = text.slice(start, stop === -1 ? text.length : stop);
  const before = text.slice(start, at);
  return \`\${line}\\n\${' '.repeat(before.length)}^\`;
}`,
    check: `assert.equal(frame('\\t1 + ?', 5), '\\t1 + ?\\n\\t    ^');
assert.equal(frame('"😀" + ?', 7), '"😀" + ?\\n       ^');`,
    fault: 'The caret stands 7 columns too far to the left when the line begins with a tab',
    mend: [
      "  return `${line}\\n${' '.repeat(before.length)}^`;",
      "  const gap = before.replace(/[^\\t]/gu, (wide) => ' '.repeat(widthOf(wide)));\n" +
        '  return `${line}\\n${gap}^`;',
    ],
    done: 'The caret stands under the place, behind tabs and 🙂 alike.',
  },
  {
    name: 'error-recovery',
    ask: 'Report more than the first error: three mistakes in a file, three messages.',
    think:
      'After an error, skip to the next line that starts in the first column and go ' +
      'on from there. Errors that follow from the first should be suppressed: ' +
      'nothing is reported twice for one line.',
    file: 'parser',
    code: `export function parseProgram(tokens) {
  const statements = [];
  const errors = [];
  while (!tokens.atEnd()) {
    try {
      statements.push(parseStatement(tokens));
    } catch (error) {
      errors.push(error);
      tokens.skipLine();
    }
  }
  return { statements, errors };
}`,
    check: `assert.deepEqual(linesOfErrors('a = (\\nb = 1\\nc = )\\nd = ]'), [1, 3, 4]);`,
    fault: 'Expected errors in lines 1, 3, 4; got 1, 4: the skip went over a line that was sound',
    mend: ['      tokens.skipLine();', '      tokens.skipToLineAfter(error.at);'],
    done:
      'All three mistakes are reported. The skip now starts from the line of the ' +
      'error, not from where the parser happened to stand.',
  },
  {
    name: 'printer',
    ask: 'A formatter: print(parse(text)) with as few parentheses as possible, and stable.',
    think:
      'Parentheses are needed when the operator inside binds weaker than the one ' +
      'around it, or equally on the wrong side. Stable means print(parse(print(x))) ' +
      'equals print(x); a property test can check that.',
    file: 'print',
    code: `export function print(node, powerMin = 0) {
  switch (node.kind) {
    case 'number':
      return String(node.value);
    case 'name':
      return node.name;
    case 'binary': {
      const power = bindingPower[node.operator];
      const left = print(node.left, power);
      const right = print(node.right, power);
      const text = \`\${left} \${node.operator} \${right}\`;
      return power < powerMin ? \`(\${text})\` : text;
    }
    default:
      return printOther(node, powerMin);
  }
}`,
    check: `assert.equal(format('(1 + 2) + 3'), '1 + 2 + 3');
assert.equal(format('1 - (2 - 3)'), '1 - (2 - 3)');`,
    fault:
      'Counterexample after 12 runs: 1 - (2 - 3) is printed as 1 - 2 - 3, which is ' +
      'another value',
    mend: [
      '      const right = print(node.right, power);',
      '      const right = print(node.right, rightPowerMin(node.operator));',
    ],
    done:
      'The formatter keeps exactly the parentheses that matter; the property test ' +
      'passes 1000 runs.',
  },
  {
    name: 'interpolation',
    ask: 'String interpolation: "total: {price * 2} €".',
    think:
      'Inside the braces stands a whole expression, strings included, so the lexer ' +
      'cannot look for the closing brace by itself. It calls the parser for one ' +
      'expression and goes on behind it.',
    file: 'lexer',
    code: `export function readInterpolation(text, at, parseExpression) {
  const close = text.indexOf('}', at);
  const inner = parseExpression(text.slice(at + 1, close));
  return { kind: 'interpolation', inner, at, end: close + 1 };
}`,
    check: `assert.equal(evaluate('"total: {price * 2} €"', { price: 4 }), 'total: 8 €');
assert.equal(evaluate('"{ {a: 1}.a }"'), '1');`,
    fault: 'Unexpected end of input at column 5: the first } belongs to the record inside',
    mend: [
      "  const close = text.indexOf('}', at);\n" +
        '  const inner = parseExpression(text.slice(at + 1, close));',
      '  const { inner, end: close } = parseExpression(text, at + 1);',
    ],
    done: 'Interpolation takes any expression, records and strings inside included.',
  },
  {
    name: 'command-line',
    ask: 'A command line: `tally run file`, `tally format file`, exit code 1 on errors.',
    think:
      'Keep it thin: read the file, call the library, print. Exit codes: 0 fine, 1 ' +
      'mistakes in the program, 2 wrong usage. Set process.exitCode and let the ' +
      'process end, so that output is not cut off in a pipe.',
    file: 'main',
    code: `const commands = { run: runFile, format: formatFile };

export function main([name, path]) {
  const command = commands[name];
  if (command === undefined || path === undefined) {
    console.error('usage: tally run|format FILE');
    process.exit(2);
  }
  const errors = command(path);
  for (const error of errors) console.error(frame(error.text, error.at), error.message);
  process.exit(errors.length === 0 ? 0 : 1);
}`,
    check: `assert.equal(run('run', 'fixtures/broken.tally').status, 1);
assert.match(run('run', 'fixtures/broken.tally').stderr, /3 errors/);`,
    fault:
      'stderr ends after 64 KiB when it is a pipe: the process exits before all of ' +
      'it is written',
    mend: [
      '  process.exit(errors.length === 0 ? 0 : 1);',
      '  process.exitCode = errors.length === 0 ? 0 : 1;\n' +
        '  console.error(`${errors.length} errors`);',
    ],
    done: 'The command line works and no longer cuts its own output.',
  },
  {
    name: 'speed',
    ask: 'It takes 9 seconds for a file of 2 MB. Can you find out why?',
    think:
      'Two megabytes are not much. A profile first. I suspect text.slice(at) in ' +
      'readName: it looks innocent, but iterating a slice to the end of the file for ' +
      'each name is quadratic if the engine copies.',
    file: 'lexer',
    code: `export function tokenize(text) {
  const tokens = [];
  let at = skipBlank(text, 0);
  while (at < text.length) {
    const token = readToken(text.slice(at), 0);
    tokens.push({ ...token, at, end: at + token.end });
    at = skipBlank(text, at + token.end);
  }
  return tokens;
}`,
    check: `assert.ok(secondsFor(megabytes(2)) < 1);`,
    fault: 'Expected less than 1 s for 2 MB, took 8.7 s (profile: 91 % in slice and flatten)',
    mend: [
      '    const token = readToken(text.slice(at), 0);\n' +
        '    tokens.push({ ...token, at, end: at + token.end });\n' +
        '    at = skipBlank(text, at + token.end);',
      '    const token = readToken(text, at);\n' +
        '    tokens.push(token);\n' +
        '    at = skipBlank(text, token.end);',
    ],
    done: '2 MB now take 0.21 s. The lexer copied the rest of the file for every token.',
  },
  {
    name: 'documentation',
    ask:
      'Last one: a README with the grammar, please. Auch ein Satz auf Deutsch für ' +
      'die Kollegen wäre schön.',
    think:
      'The grammar as a block of EBNF, an example, the exit codes, one sentence in ' +
      'German. Every example in the README is run by a test, so that it cannot go ' +
      'stale.',
    file: 'grammar',
    code: `export const grammar = \`
program    = { statement } ;
statement  = name "=" expression ;
expression = unary { operator unary } ;
unary      = ( "-" | "+" ) unary | postfix ;
postfix    = primary { "(" list ")" | "[" expression "]" | "." name } ;
primary    = number | string | name | "(" expression ")" | "[" list "]" | record
           | "if" expression "then" expression "else" expression ;
list       = [ expression { "," expression } ] ;
\`;`,
    check: `for (const example of examplesOf('README.md')) {
  assert.doesNotThrow(() => parse(example));
}`,
    fault:
      'README.md, example 3: unexpected token "not" at column 1; the grammar does ' +
      'not mention it',
    mend: [
      'unary      = ( "-" | "+" ) unary | postfix ;',
      'unary      = ( "-" | "+" | "not" ) unary | postfix ;',
    ],
    done:
      'The README has the grammar, tested examples and a German sentence: „Tally ist ' +
      'eine kleine Sprache für Formeln.“ That completes the list 🎉.',
  },
];
