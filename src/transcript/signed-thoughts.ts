/**
 * Thoughts that are signed, in the words of every tool. A provider refuses one that is not as it
 * was signed. So a thought in which bytes are no text loses its signature where it is read: what
 * stands there instead was never signed. Whether a model wrote U+FFFD itself, which is sound, only
 * the bytes tell.
 */

/** What a thought is called that may be signed. */
export const thoughtTypes: ReadonlySet<string> = new Set(['thinking', 'reasoning']);

/** Members with a signature, of the thought or of an object inside of it. */
export const signatureNames: ReadonlySet<string> = new Set(['signature', 'thinkingSignature']);

type Members = Record<string, unknown>;

/**
 * Takes the signatures off thoughts with U+FFFD in them. For values of bytes that are no UTF-8,
 * which nobody else holds yet: they are changed in place.
 */
export function unsign(value: unknown): void {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next) && isDamagedThought(next as Members)) takeOff(next as Members);
    for (const part of Object.values(next)) left.push(part);
  }
}

function isDamagedThought(object: Members): boolean {
  if (typeof object['type'] !== 'string' || !thoughtTypes.has(object['type'])) return false;
  return Object.entries(object).some(
    ([name, text]) =>
      !signatureNames.has(name) && typeof text === 'string' && text.includes('\uFFFD'),
  );
}

function takeOff(thought: Members): void {
  const left: Members[] = [thought];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const [name, part] of Object.entries(next)) {
      if (typeof part === 'string' && signatureNames.has(name)) next[name] = '';
      else if (typeof part === 'object' && part !== null && !Array.isArray(part)) {
        left.push(part as Members);
      }
    }
  }
}
