/** What ARCHITECTURE.md shows of the rules is what the rules are. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messageCodes } from '../../../src/integrity/rules/severity-table.ts';
import { rulesHeader, rulesTable } from '../../helpers/rules-table.ts';

test('rulesTable has a line for every code and a cell for every profile', () => {
  const [header = '', , ...lines] = rulesTable().trimEnd().split('\n');
  expect(lines).toHaveLength(messageCodes.length);
  const cells = header.split('|').length;
  for (const line of lines) expect(line.split('|'), line).toHaveLength(cells);
});

test('rulesTable stands in ARCHITECTURE.md as the rules have it', () => {
  const text = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const start = text.indexOf(rulesHeader);
  if (start === -1) return;
  const end = text.indexOf('\n\n', start);
  expect(`${text.slice(start, end)}\n`).toBe(rulesTable());
});
