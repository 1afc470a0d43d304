/** Features of the conversation `build-a-parser`: the syntax. See `features.mjs`. */

/** In the order of the work. */
export const syntax = [
  {
    name: 'numbers',
    ask:
      'Let us build a small expression language called Tally. Start with numbers: 1, ' +
      '2.5, 1e6.',
    think:
      'Empty project. A hand-written lexer is easiest to give good errors. Numbers ' +
      'first: digits, an optional fraction, an optional exponent. A lone dot must ' +
      'not become a number.',
    file: 'lexer',
    code: `export function readNumber(text, at) {
  let end = at;
  while (isDigit(text[end])) end += 1;
  if (text[end] === '.') {
    end += 1;
    while (isDigit(text[end])) end += 1;
  }
  if (text[end] === 'e' || text[end] === 'E') {
    end += 1;
    if (text[end] === '+' || text[end] === '-') end += 1;
    while (isDigit(text[end])) end += 1;
  }
  return { kind: 'number', at, end, value: Number(text.slice(at, end)) };
}`,
    check: `assert.equal(evaluate('2.5'), 2.5);
assert.throws(() => evaluate('1.'), /digit expected after the dot/);`,
    fault: 'Expected evaluate("1.") to throw, but it returned 1',
    mend: ["  if (text[end] === '.') {", "  if (text[end] === '.' && isDigit(text[end + 1])) {"],
    done:
      'Numbers work, with fraction and exponent; `1.` is now told as an error ' +
      'instead of being read as 1.',
  },
  {
    name: 'operators',
    ask: 'Now + - * / with the usual precedence, please.',
    think:
      'Precedence climbing keeps the parser flat: one loop and a table. Left ' +
      'associative means the right side is parsed with a minimum of one more than ' +
      'the operator.',
    file: 'parser',
    code: `const bindingPower = { '+': 10, '-': 10, '*': 20, '/': 20 };

export function parseBinary(tokens, powerMin) {
  let left = parseUnary(tokens);
  for (;;) {
    const operator = tokens.peek();
    const power = bindingPower[operator.text] ?? 0;
    if (power < powerMin || power === 0) return left;
    tokens.next();
    const right = parseBinary(tokens, power);
    left = { kind: 'binary', operator: operator.text, left, right, at: left.at };
  }
}`,
    check: `assert.equal(evaluate('1 + 2 * 3'), 7);
assert.equal(evaluate('10 - 3 - 2'), 5);`,
    fault: 'Expected 5, got 9: 10 - 3 - 2 was read as 10 - (3 - 2)',
    mend: [
      '    const right = parseBinary(tokens, power);',
      '    const right = parseBinary(tokens, power + 1);',
    ],
    done:
      'The four operators bind as expected. Subtraction was right associative at ' +
      'first; the minimum for the right side is now one higher.',
  },
  {
    name: 'parentheses',
    ask: 'Parentheses next. If one is missing I want to see *where it was opened*.',
    think:
      'The opening token has to be kept so that the error can point at it. At the ' +
      'end of the input the parser stands at the end token, whose position is ' +
      'useless to the user.',
    file: 'parser',
    code: `export function parseGroup(tokens) {
  const open = tokens.expect('(');
  const inner = parseBinary(tokens, 1);
  if (tokens.peek().text !== ')') {
    throw new TallyError('this parenthesis is never closed', tokens.peek().at);
  }
  tokens.next();
  return { kind: 'group', inner, at: open.at };
}`,
    check: `assert.equal(evaluate('(1 + 2) * 3'), 9);
assert.equal(errorAt('2 * (1 + 2'), 4);`,
    fault: 'Expected the error at column 4, but it points at column 10, the end of the input',
    mend: [
      "    throw new TallyError('this parenthesis is never closed', tokens.peek().at);",
      "    throw new TallyError('this parenthesis is never closed', open.at);",
    ],
    done:
      'Groups parse, and an unclosed parenthesis is reported at the place where it ' +
      'was opened.',
  },
  {
    name: 'unary-minus',
    ask: 'Unary minus. -2 ^ 2 will come later, so think about where it binds.',
    think:
      'In mathematics -2^2 is -4, so the minus binds weaker than the power and ' +
      'stronger than the product. Give it the power 25 and leave 30 for the ' +
      'exponent.',
    file: 'parser',
    code: `export function parseUnary(tokens) {
  const sign = tokens.peek();
  if (sign.text !== '-' && sign.text !== '+') return parsePostfix(tokens);
  tokens.next();
  const operand = parseBinary(tokens, 20);
  return { kind: 'unary', operator: sign.text, operand, at: sign.at };
}`,
    check: `assert.equal(evaluate('-2 * 3'), -6);
assert.equal(shape('-2 * 3'), '((-2) * 3)');`,
    fault: 'Expected shape ((-2) * 3), got (-(2 * 3))',
    mend: [
      '  const operand = parseBinary(tokens, 20);',
      '  const operand = parseBinary(tokens, 25);',
    ],
    done: 'Unary minus binds tighter than the product and leaves room for the power.',
  },
  {
    name: 'power',
    ask: 'And now ^, right associative: 2 ^ 3 ^ 2 is 512.',
    think:
      'Right associative: the right side is parsed with the same minimum. The table ' +
      'needs a second column, otherwise the loop has a special case for one ' +
      'operator.',
    file: 'parser',
    code: `const rightAssociative = new Set(['^']);
bindingPower['^'] = 30;

export function rightPowerMin(operator) {
  const power = bindingPower[operator];
  return rightAssociative.has(operator) ? power - 1 : power + 1;
}`,
    check: `assert.equal(evaluate('2 ^ 3 ^ 2'), 512);
assert.equal(evaluate('-2 ^ 2'), -4);
assert.equal(evaluate('2 ^ 3 * 2'), 16);`,
    fault:
      'Expected shape (2 ^ (3 ^ 2)), got it, but 2 ^ -1 fails: unexpected token "-" ' +
      'at column 4',
    mend: [
      '  return rightAssociative.has(operator) ? power - 1 : power + 1;',
      '  return rightAssociative.has(operator) ? power : power + 1;',
    ],
    done: '`^` is right associative and `2 ^ -1` is a half.',
  },
  {
    name: 'names',
    ask:
      'Variables please. Names may contain umlauts and 漢字, my colleagues will use ' +
      'them: größe, 価格.',
    think:
      'Unicode has properties for exactly this: ID_Start and ID_Continue. Two ' +
      'spellings of ö (one code point, or o with a combining mark) look the same, so ' +
      'names are normalised to NFC.',
    file: 'lexer',
    code: `const nameStart = /[\\p{ID_Start}_]/u;
const namePart = /[\\p{ID_Continue}]/u;

export function readName(text, at) {
  let end = at;
  for (const character of text.slice(at)) {
    const wanted = end === at ? nameStart : namePart;
    if (!wanted.test(character)) break;
    end += 1;
  }
  return { kind: 'name', at, end, name: text.slice(at, end).normalize('NFC') };
}`,
    check: `assert.equal(evaluate('größe * 2', { größe: 4 }), 8);
assert.equal(evaluate('価格 + 1', { 価格: 99 }), 100);
assert.equal(evaluate('𝑥 + 1', { 𝑥: 1 }), 2);`,
    fault:
      'Unexpected character "\\udc65" at column 2: the name 𝑥 takes two code units ' +
      'and one was counted',
    mend: [
      "    end += 1;\n  }\n  return { kind: 'name'",
      "    end += character.length;\n  }\n  return { kind: 'name'",
    ],
    done:
      'Names follow Unicode: größe, 価格 and 𝑥 all work. Characters beyond the first ' +
      'plane count as two code units now.',
  },
  {
    name: 'strings',
    ask: 'Strings in double quotes with \\n, \\t, \\" and \\u{1F600}.',
    think:
      'Read piece by piece and collect. An escape that is not known is an error, not ' +
      'the character itself, so that new escapes can be added later without changing ' +
      'old programs.',
    file: 'lexer',
    code: `const escapes = { n: '\\n', t: '\\t', '"': '"', '\\\\': '\\\\' };

export function readString(text, at) {
  let value = '';
  let end = at + 1;
  while (text[end] !== '"') {
    if (end >= text.length) throw new TallyError('this string is never closed', at);
    if (text[end] !== '\\\\') {
      value += text[end++];
      continue;
    }
    const escape = readEscape(text, end + 1);
    value += escape.value;
    end = escape.end;
  }
  return { kind: 'string', at, end: end + 1, value };
}

function readEscape(text, at) {
  if (text[at] === 'u') return readCodePoint(text, at + 1);
  const value = escapes[text[at]];
  return { value, end: at + 1 };
}`,
    check: `assert.equal(evaluate('"a\\\\tb"'), 'a\\tb');
assert.equal(evaluate('"\\\\u{1F600}"'), '😀');
assert.throws(() => evaluate('"\\\\q"'), /unknown escape/);`,
    fault: 'Expected "\\q" to throw, but it returned the text "undefined"',
    mend: [
      '  return { value, end: at + 1 };',
      "  if (value === undefined) throw new TallyError('unknown escape', at - 1);\n" +
        '  return { value, end: at + 1 };',
    ],
    done: 'Strings read with all four escapes, 😀 included, and unknown escapes are refused.',
  },
  {
    name: 'comments',
    ask: 'Comments: from # to the end of the line.',
    think:
      'Skipping white space and comments is one loop: after a comment there may be ' +
      'white space again, and after that another comment. The line feed belongs to ' +
      'the white space.',
    file: 'lexer',
    code: `export function skipBlank(text, at) {
  let end = at;
  for (;;) {
    while (/\\s/.test(text[end])) end += 1;
    if (text[end] !== '#') return end;
    while (text[end] !== '\\n') end += 1;
  }
}`,
    check: `assert.equal(evaluate('1 # one\\n + 2 # two'), 3);`,
    fault: 'Test timed out after 5000 ms: a comment on the last line has no line feed behind it',
    mend: [
      "    while (text[end] !== '\\n') end += 1;",
      "    while (end < text.length && text[end] !== '\\n') end += 1;",
    ],
    done: 'Comments are skipped. The endless loop on a comment without a line feed is gone.',
  },
  {
    name: 'calls',
    ask: 'Function calls: max(1, 2, 3), and a trailing comma is fine.',
    think:
      'A call is a postfix operator on any expression. The list of arguments ends at ' +
      'the parenthesis; a comma before it is allowed, two commas are not.',
    file: 'parser',
    code: `export function parsePostfix(tokens) {
  let target = parsePrimary(tokens);
  while (tokens.peek().text === '(') {
    const open = tokens.next();
    const inputs = parseList(tokens, ')', open);
    target = { kind: 'call', target, inputs, at: target.at };
  }
  return target;
}

function parseList(tokens, close, open) {
  const items = [];
  while (tokens.peek().text !== close) {
    items.push(parseBinary(tokens, 1));
    if (tokens.peek().text === ',') tokens.next();
  }
  tokens.next();
  return items;
}`,
    check: `assert.equal(evaluate('max(1, 2, 3,)'), 3);
assert.throws(() => evaluate('max(1 2)'), /comma or \\) expected/);`,
    fault: 'Expected max(1 2) to throw, but it returned 2',
    mend: [
      "    if (tokens.peek().text === ',') tokens.next();",
      '    if (tokens.peek().text === close) break;\n' +
        "    tokens.expect(',', `comma or ${close} expected`);",
    ],
    done: 'Calls parse with a trailing comma, and a missing comma is an error.',
  },
  {
    name: 'comparison',
    ask: 'Comparisons: < <= > >= == !=. And please no chains like 1 < 2 < 3, they mislead.',
    think:
      'Comparisons are not associative: after one, another at the same level is an ' +
      'error with a hint. Two-character operators must be tried before those of one ' +
      'character.',
    file: 'lexer',
    code: `const symbols = ['<', '<=', '>', '>=', '==', '!=',
  '+', '-', '*', '/', '^', '(', ')', ','];

export function readSymbol(text, at) {
  const found = symbols.find((symbol) => text.startsWith(symbol, at));
  if (found === undefined) return null;
  return { kind: 'symbol', text: found, at, end: at + found.length };
}`,
    check: `assert.equal(evaluate('1 <= 1'), true);
assert.throws(() => evaluate('1 < 2 < 3'), /use "and" between comparisons/);`,
    fault: 'Unexpected token "=" at column 3: "<" was taken before "<=" was tried',
    mend: [
      "const symbols = ['<', '<=', '>', '>=', '==', '!=',",
      "const symbols = ['<=', '>=', '==', '!=', '<', '>',",
    ],
    done: 'Comparisons work and chains are refused with a hint. Longer symbols are tried first.',
  },
];
