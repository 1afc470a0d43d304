/**
 * What the appender of the power cuts writes, so that the test can say what must be there. Plain
 * JavaScript, because the appender is a program of its own and Node 20 runs no TypeScript.
 */

/** Sessions that are appended to at the same time. */
export const sessionIds = ['ada', 'bea', 'cleo', 'dora'];

/** Numbers of 0 to 1, the same for the same seed (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The message of a session with this index. `life` tells apart what was sent in different processes,
 * and before and after the session was deleted.
 */
export function messageAt(id, index, life, group = null) {
  if (group?.group === 'large') return large(id, index, life, group);
  const next = chance((life + 1) * 7919 + index * 104729 + id.charCodeAt(0));
  const roll = next();
  const length = roll < 0.9 ? next() * 1500 : roll < 0.99 ? next() * 30000 : next() * 300000;
  const letter = String.fromCharCode(97 + (index % 26));
  const text = `${id} ${index} of life ${life} ${letter.repeat(length)}`;
  const content = [{ type: 'text', text }];
  const role = index % 2 === 0 ? 'user' : 'assistant';
  return group === null ? { role, content } : { role, content, group };
}

/** So large that its write takes a millisecond or two, and somebody can be killed in it. */
function large(id, index, life, group) {
  const letters = 'abcdefgh'.repeat(800_000);
  const content = [{ type: 'text', text: `${id} ${index} of life ${life} ${letters}` }];
  return { role: 'user', content, group };
}
