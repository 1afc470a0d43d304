/** The closed set of codes: what is promised in it is what can happen. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { fromSystem } from '../../src/base/errors.ts';

const src = new URL('../../src/', import.meta.url);
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(new URL(name, src), 'utf8'));

describe('ErrorCode', () => {
  it('ErrorCode holds the codes that are thrown somewhere, and no others', () => {
    const union = sources.map((text) => /export type ErrorCode =([^;]*);/.exec(text)?.[1] ?? '');
    const declared = union.join('').replace(/\/\/.*$/gm, '');
    const codes = [...declared.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
    const thrown = sources.flatMap((text) =>
      [...text.matchAll(/new HoldfastError\(\s*'([A-Z_]+)'/g)].map(([, code]) => code),
    );
    expect(codes.length).toBeGreaterThan(10);
    expect(new Set(thrown)).toEqual(new Set(codes));
  });
});

describe('fromSystem', () => {
  it('tells the path that the machine named, and the one around it when there is none', () => {
    const named = Object.assign(new Error('no'), { code: 'ENOTDIR', path: '/store/trash' });
    const nameless = Object.assign(new Error('no'), { code: 'EIO' });
    expect(fromSystem(named, 'open the store', '/store')).toMatchObject({
      code: 'IO',
      details: { path: '/store/trash' },
      message: 'Cannot open the store: the machine answered ENOTDIR for "/store/trash"',
    });
    expect(fromSystem(nameless, 'open the store', '/store')).toMatchObject({
      details: { path: '/store' },
    });
  });
});
