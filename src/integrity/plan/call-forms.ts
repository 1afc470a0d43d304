/** Names and arguments of calls in the form that the profile takes. */
import { toWellFormed } from '../../format/well-formed.ts';
import type { Pass } from './pass.ts';
import { heldIn } from './runs.ts';
import { isCall, member, textMember, withMembers } from './shapes.ts';

/** Mends the names of tools: other characters become `_`, what is too long is cut. */
export const mendToolNames: Pass = ({ draft, needs }) => {
  for (const { block } of heldIn(draft.messages)) {
    const name = textMember(block.content, 'name');
    if (!isCall(block.content) || (name !== null && needs.toolName.test(name))) continue;
    const clean = toWellFormed(name ?? '').replaceAll(/[^a-zA-Z0-9_-]/gu, '_');
    const cut = clean.slice(0, needs.toolNameCharsMax);
    const mended = [cut, `_${cut}`.slice(0, needs.toolNameCharsMax)].find((one) =>
      needs.toolName.test(one),
    );
    const fresh = cut === '' || mended === undefined ? 'unknown_tool' : mended;
    const told = `The name ${JSON.stringify(name)} is not taken; it becomes ${fresh}.`;
    draft.replace(block, withMembers(block.content, { name: fresh }), {
      reason: 'BAD_TOOL_NAME',
      told,
    });
  }
};

/** Arguments that are no object are kept inside one. */
export const wrapArguments: Pass = ({ draft, needs }) => {
  if (!needs.objectArguments) return;
  for (const { block } of heldIn(draft.messages)) {
    const input = member(block.content, 'input');
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
    if (!isCall(block.content) || isObject) continue;
    const wrapped = input === undefined || input === null ? {} : { raw: input };
    const told = 'The arguments of a call are no object; they are kept inside one.';
    draft.replace(block, withMembers(block.content, { input: wrapped }), {
      reason: 'BAD_ARGUMENTS',
      told,
    });
  }
};
