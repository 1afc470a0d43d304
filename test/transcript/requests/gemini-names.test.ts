/** Requests to Gemini with the names of the Python SDK read as those with the names of the docs. */
import { describe, expect, it } from 'vitest';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import { geminiContents } from '../../../src/transcript/requests/gemini.ts';
import { openBytes, saidIn } from '../../helpers/transcript-lab.ts';

const contents = [
  {
    role: 'user',
    parts: [{ text: 'Go' }, { inlineData: { mimeType: 'image/png', data: 'aGk=' } }],
  },
  {
    role: 'model',
    parts: [
      { text: 'Hm', thought: true, thoughtSignature: 'c2ln' },
      { functionCall: { id: 'c1', name: 'f', args: { mime_type: 1 } }, thoughtSignature: 'c2ln' },
    ],
  },
  {
    role: 'user',
    parts: [
      {
        functionResponse: {
          id: 'c1',
          name: 'f',
          response: { file_data: { file_uri: 'x' } },
          parts: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }],
        },
      },
      { fileData: { fileUri: 'gs://x', mimeType: 'text/plain' } },
    ],
  },
  {
    role: 'model',
    parts: [
      { executableCode: { code: '1', language: 'PYTHON' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
    ],
  },
];
const names = [
  'functionCall',
  'functionResponse',
  'inlineData',
  'fileData',
  'thoughtSignature',
  'executableCode',
  'codeExecutionResult',
  'mimeType',
  'fileUri',
  'systemInstruction',
];
const snake = (value: unknown): string =>
  names.reduce((text, name) => {
    const other = name.replaceAll(/[A-Z]/g, (at) => `_${at.toLowerCase()}`);
    return text.replaceAll(`"${name}":`, `"${other}":`);
  }, JSON.stringify(value));

describe('a request to Gemini in snake_case', () => {
  it('reads as the same one in camelCase, and arguments and responses keep their names', () => {
    const config = { systemInstruction: { parts: [{ text: 'Be kind.' }] } };
    for (const request of [{ contents }, { config, contents }]) {
      const plain = openBytes(geminiContents, JSON.stringify(request));
      const other = openBytes(geminiContents, snake(request));
      expect(snake(request)).toContain('"function_call"');
      expect(saidIn(other)).toEqual(saidIn(plain));
      expect(other.findings).toEqual(plain.findings);
    }
  });

  it('is known also as a bare list, which else is one of Gemini CLI', () => {
    const first = (value: unknown): readonly unknown[] => [value];
    expect(geminiContents.recognise(first(JSON.parse(snake(contents))))).toBeGreaterThan(0.8);
    expect(geminiContents.recognise(first(contents))).toBe(0);
  });

  it('that lacks a response is found, as any other that does', () => {
    const open = snake({ contents: contents.slice(0, 2) });
    const { edits } = planRepair(
      [...openBytes(geminiContents, open).conversation()],
      'gemini',
      'annotate',
    );
    expect(edits.map(({ reason }) => reason)).toContain('DANGLING_TOOL_CALL');
  });

  it('keeps names that are not known, and two names of one thing', () => {
    const odd = [{ function_cal: { name: 'f' } }, { text: 'a', function_call: 1, functionCall: 2 }];
    const request = { contents: [{ role: 'model', parts: odd }] };
    const [first, second] =
      saidIn(openBytes(geminiContents, JSON.stringify(request)))[0]?.content ?? [];
    expect(first).toMatchObject({ type: 'function_cal' });
    expect(second).toMatchObject({ function_call: 1, functionCall: 2 });
  });
});
