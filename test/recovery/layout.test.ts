/** Which names a session may have, and where things stand. */
import { describe, expect, it } from 'vitest';
import { layoutOf, relative, sessionIdFault } from '../../src/recovery/layout.ts';

describe('sessionIdFault', () => {
  it.each(['a', 'A-z_09', '-', '_', 'x'.repeat(128), '0'])(
    'takes %s for the name of a session',
    (id) => {
      expect(sessionIdFault(id)).toBeNull();
    },
  );

  it.each(['', 'x'.repeat(129), 'a b', 'a/b', '..', '.', 'a.b', 'ä', 'a\n', '\na'])(
    'refuses %j for its characters',
    (id) => {
      expect(sessionIdFault(id)).toBe('a session id has 1 to 128 letters, digits, "_" or "-"');
    },
  );

  it.each([undefined, null, 7, {}])('refuses %j, which is no text', (id) => {
    expect(sessionIdFault(id)).toBe('a session id is a string');
  });

  it.each(['con', 'PRN', 'Aux', 'nul', 'com1', 'COM9', 'lpt1', 'Lpt0'])(
    'refuses %s, which is a device elsewhere',
    (id) => {
      expect(sessionIdFault(id)).toBe('this name is reserved by an operating system');
    },
  );

  it.each(['console', 'xcon', 'com', 'com10', 'xcom1', 'lpt', 'lptx', 'nul-1', 'a-aux', 'prn_'])(
    'takes %s, which only looks like a device',
    (id) => {
      expect(sessionIdFault(id)).toBeNull();
    },
  );
});

describe('relative', () => {
  it('relative cuts the root off, and leaves what is elsewhere', () => {
    const layout = layoutOf('/store');
    expect(relative(layout, '/store/sessions/s')).toBe('sessions/s');
    for (const path of ['/store', '/stores/a', '/other/store/a']) {
      expect(relative(layout, path)).toBe(path);
    }
  });
});
