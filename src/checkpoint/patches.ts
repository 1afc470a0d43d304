/** The files that a patch names, in the forms that agents send: Codex, and unified diffs. */

/** A longer patch is looked at up to here, in UTF-16 code units. */
const patchCharsMax = 262_144;

/** Every file that the patch adds, changes or deletes, each once, in the order of the patch. */
export function patchedFiles(patch: string): readonly string[] {
  const text = patch.slice(0, patchCharsMax);
  const codex = text.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm);
  const unified = text.matchAll(/^\+\+\+ (?:b\/)?([^\t\n]+)/gm);
  const found = [...codex, ...unified].map(([, path]) => (path ?? '').trim());
  return [...new Set(found)].filter((path) => path !== '' && path !== '/dev/null');
}
