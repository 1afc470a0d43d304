/** Settings of recovery that are refused, in the words that whoever misspelt them reads. */
import { describe, expect, it } from 'vitest';
import type { HoldfastError } from '../../src/base/errors.ts';
import {
  requireAcceptLossOptions,
  requireExpectations,
  requireRecoverOptions,
  requireSalvageOptions,
} from '../../src/recovery/options.ts';

/** What is thrown: its path and its message. */
function refusal(body: () => void): readonly [string, string] {
  try {
    body();
  } catch (error) {
    const { code, message, details } = error as HoldfastError<'INVALID'>;
    expect(code).toBe('INVALID');
    return [details.path, message];
  }
  throw new Error('It was not refused');
}

const wait = (action: string, value: string): string =>
  `Cannot ${action}: "lockWaitMs" must be a whole number of 0 to 86400000, not ${value}`;

describe('requireRecoverOptions', () => {
  it('requireRecoverOptions takes all that is known', () => {
    const { signal } = new AbortController();
    const onProgress = (): void => undefined;
    requireRecoverOptions({});
    for (const mode of ['scan', 'run', 'verify'] as const) {
      const expectAtLeast = { s: 0, o: 2 ** 53 - 1 };
      requireRecoverOptions({ mode, expectAtLeast, lockWaitMs: 0, signal, onProgress });
    }
    requireRecoverOptions({ lockWaitMs: 86_400_000 });
  });

  it.each([
    [
      { dryrun: true },
      'dryrun',
      'Cannot recover the store: "dryrun" is not an option; known are mode, expectAtLeast, lockWaitMs, signal, onProgress',
    ],
    [{ mode: 'heal' }, 'mode', 'Cannot recover the store: "mode" must be one of scan, run, verify'],
    [{ lockWaitMs: -1 }, 'lockWaitMs', wait('recover the store', '-1')],
    [{ lockWaitMs: 0.5 }, 'lockWaitMs', wait('recover the store', '0.5')],
    [{ lockWaitMs: '1' }, 'lockWaitMs', wait('recover the store', '"1"')],
    [{ lockWaitMs: 86_400_001 }, 'lockWaitMs', wait('recover the store', '86400001')],
    [
      { expectAtLeast: 3 },
      'expectAtLeast',
      'Cannot recover the store: "expectAtLeast" must be an object of ids and sequences, not 3',
    ],
    [
      { expectAtLeast: { s: -1 } },
      'expectAtLeast.s',
      'Cannot recover the store: "expectAtLeast.s" must be a whole number from 0, not -1',
    ],
  ])('requireRecoverOptions refuses %j', (options, path, message) => {
    expect(refusal(() => requireRecoverOptions(options as object))).toEqual([path, message]);
  });
});

describe('requireSalvageOptions', () => {
  it('requireSalvageOptions wants a directory, and perhaps one session', () => {
    requireSalvageOptions({ to: '/x' });
    const { signal } = new AbortController();
    requireSalvageOptions({ to: '/x', session: 's', signal, onProgress: () => undefined });
    const refused = (options: object): readonly [string, string] =>
      refusal(() => requireSalvageOptions(options as { to: string }));
    const noPath = 'Cannot salvage the store: "to" must be the path of a file or directory, not';
    expect(refused({})).toEqual(['to', `${noPath} undefined`]);
    expect(refused({ to: '' })).toEqual(['to', `${noPath} ""`]);
    expect(refused({ to: '/x', session: 7 })).toEqual([
      'session',
      'Cannot salvage the store: "session" must be the id of a session, not 7',
    ]);
    expect(refused({ to: '/x', into: '/y' })).toEqual([
      'into',
      'Cannot salvage the store: "into" is not an option; known are to, session, signal, onProgress',
    ]);
  });
});

describe('requireAcceptLossOptions', () => {
  it('requireAcceptLossOptions wants a session', () => {
    requireAcceptLossOptions({ session: 's' });
    requireAcceptLossOptions({ session: 's', dryRun: true, lockWaitMs: 7 });
    const refused = (options: object): readonly [string, string] =>
      refusal(() => requireAcceptLossOptions(options as { session: string }));
    const message = 'Cannot accept the loss: "session" must be the id of a session';
    expect(refused({})).toEqual(['session', message]);
    expect(refused({ session: 7 })).toEqual(['session', message]);
    expect(refused({ session: 's', lockWaitMs: -1 })).toEqual([
      'lockWaitMs',
      wait('accept the loss', '-1'),
    ]);
    expect(refused({ session: 's', dryrun: true })).toEqual([
      'dryrun',
      'Cannot accept the loss: "dryrun" is not an option; known are session, dryRun, lockWaitMs',
    ]);
  });
});

describe('requireExpectations', () => {
  it.each([
    [null, 'null'],
    [[1], 'an array'],
    ['s', '"s"'],
  ])('requireExpectations refuses %j as a whole', (expected, shown) => {
    expect(refusal(() => requireExpectations(expected, 'look'))).toEqual([
      'expectAtLeast',
      `Cannot look: "expectAtLeast" must be an object of ids and sequences, not ${shown}`,
    ]);
  });

  it('requireExpectations names the id, or the sequence, that cannot be', () => {
    const fault = 'a session id has 1 to 128 letters, digits, "_" or "-"';
    expect(refusal(() => requireExpectations({ 'a b': 1 }, 'look'))).toEqual([
      'expectAtLeast.a b',
      `Cannot look: "expectAtLeast" names "a b": ${fault}`,
    ]);
    for (const [seq, shown] of [
      [0.5, '0.5'],
      [-1, '-1'],
      ['3', '"3"'],
    ] as const) {
      expect(refusal(() => requireExpectations({ ok: 0, s: seq }, 'look'))).toEqual([
        'expectAtLeast.s',
        `Cannot look: "expectAtLeast.s" must be a whole number from 0, not ${shown}`,
      ]);
    }
    requireExpectations({}, 'look');
    requireExpectations({ s: 0, o: 7 }, 'look');
  });
});
