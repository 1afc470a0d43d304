/** The body of a request to Gemini: `contents`, and the `systemInstruction` beside them. */
import { contentCodec, isContent } from '../gemini-cli/contents.ts';
import { withPairedCalls } from '../gemini-cli/paired-calls.ts';
import { blockOfPart, partsOf } from '../gemini-cli/parts.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, sameJson } from '../json-value.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import { plainConfig, plainContent, plainPart } from './gemini-names.ts';
import { elementsOf, openRequest } from './request-file.ts';
import type { RequestFormat, Told } from './request-file.ts';

const members = ['contents'];

const format: RequestFormat = {
  format: 'gemini-contents',
  profile: 'gemini',
  members,
  decode,
  system: { members: ['systemInstruction', 'system_instruction', 'config'], decode: systemOf },
};

/**
 * Reads requests to Gemini. A list of contents alone is what `/chat save` of its tool writes, but
 * for one with names that its tool does not use.
 */
export const geminiContents: FormatReader = {
  name: 'gemini-contents',
  recognise(first) {
    const isBody = Array.isArray(asObject(first[0])?.['contents']);
    const contents = elementsOf(first, members).filter(
      (each) => isContent(each) && Array.isArray(each['parts']),
    );
    const isOne = isBody ? contents.length > 0 : contents.some((each) => hasOtherNames(each));
    return isOne ? 0.85 : 0;
  },
  *open(source): Generator<number, Transcript, void> {
    return withPairedCalls(yield* openRequest(source, format));
  },
};

function hasOtherNames(content: JsonObject): boolean {
  return !sameJson(plainContent(content), content);
}

function decode(content: JsonObject): readonly Told[] | null {
  const [turn] = contentCodec.decode(plainContent(content));
  if (turn === undefined) return null;
  const { role, content: said, unread } = turn;
  return [{ role, content: said, group: null, ...(unread === undefined ? {} : { unread }) }];
}

/** The SDK has it in `config`; what is written by hand may have the name of the protocol. */
function systemOf(value: unknown, name: string): Told | null {
  const config = asObject(value);
  const inside = config === null ? null : plainConfig(config)['systemInstruction'];
  const said = name === 'config' ? inside : value;
  const content = partsOf(asObject(said)?.['parts'] ?? said).map((part) =>
    blockOfPart(plainPart(part)),
  );
  return content.length === 0 ? null : { role: 'system', content, group: null };
}
