/** Names and arguments of calls in the form that the profile takes. */
import { objectIn } from '../object-text.ts';
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

/**
 * Arguments that the profile does not take: those that are the text of an object become the object,
 * all others are kept inside one.
 */
export const wrapArguments: Pass = ({ draft, needs }) => {
  if (needs.arguments === 'text') return;
  for (const { block } of heldIn(draft.messages)) {
    const input = member(block.content, 'input');
    if (!isCall(block.content) || isTaken(input, needs.arguments)) continue;
    const isNone = input === undefined || input === null || input === '';
    const said = objectIn(input);
    const kept =
      needs.arguments === 'object'
        ? 'are no object; they are kept inside one.'
        : 'are no JSON; they are kept inside an object.';
    const asText = 'are the text of an object; they become that object.';
    const told = isNone
      ? 'A call has no arguments; it gets an empty object.'
      : `The arguments of a call ${said === null ? kept : asText}`;
    const wrapped = isNone ? {} : (said ?? { raw: input });
    draft.replace(block, withMembers(block.content, { input: wrapped }), {
      reason: 'BAD_ARGUMENTS',
      told,
    });
  }
};

function isTaken(input: unknown, wanted: 'object' | 'json'): boolean {
  const isNone = input === undefined || input === null;
  // What is no JSON was kept as the text that it is.
  if (wanted === 'json') return !isNone && typeof input !== 'string';
  return typeof input === 'object' && !isNone && !Array.isArray(input);
}
