/** Corrections by the user, and what only sounds like one. */
import { describe, expect, it } from 'vitest';
import { isCorrection, isRefusal } from '../../src/checkpoint/feedback.ts';

const corrections = [
  "no, that's wrong",
  'No. Use the other one',
  'no',
  'nope, try again',
  'no no, the second file',
  "No, it's not phase 1",
  "that's not what I asked for",
  'That is wrong, the sum must be 12',
  "this isn't right",
  'actually, can you revert that?',
  'Actually, use tabs',
  'I actually want you to keep the old file',
  'wait, stop',
  'Stop!',
  'stop doing that',
  "don't create separate documents",
  'Please do not touch the tests',
  'revert that',
  'Undo the last change please',
  'undo that',
  'roll back your changes',
  'take back everything',
  'back out the change',
  'revert all',
  'restore those',
  'go back to the first version',
  'I said two columns, not three',
  'I told you to leave it alone',
  "I didn't ask for a class",
  "I don't want a class here",
  'why did you delete the comment?',
  'Why do you go 100 lines at a time',
  'you forgot the header',
  'You broke the build',
  'still not working',
  "it doesn't work",
  'That did not work',
  "it's a bad idea, it reads everything each time",
  'too many comments is not acceptable',
  'Hmm, that does not look right to me',
  'wait, wtf this does not look right',
  'not like that',
  'wrong file',
  '[Request interrupted by user]',
  '[Request interrupted by user for tool use]',
  '**No**, the other way round',
  'Nein, das ist falsch',
  'das stimmt nicht, es sind zwölf',
  'Bitte mach das wieder so, wie es war? Nein! Das ist falsch',
  'Nicht das, was ich wollte',
  'mach das bitte rückgängig',
  'Non, ce n’est pas ça',
  "ce n'est pas ce que j'ai demandé",
  'annule ça',
  'No, eso no es lo que pedí',
  'deshaz el último cambio',
  '不对，应该是十二',
  '错了，撤销',
  '别删除测试',
  '不要改这个文件',
  '違います、二番目です',
  'そうじゃなくて、元に戻して',
  'いや、違う',
];

const others = [
  'revert commits belong into the changelog',
  'restore points are listed below',
  'roll back plans need a date',
  'no problem, take your time',
  'No worries!',
  'no thanks',
  'no need, it is fine as it is',
  'no changes needed',
  "no, it's fine",
  'no questions from me',
  'not sure which I prefer',
  'not yet',
  'not bad at all',
  "don't worry about the warnings",
  "Don't forget to add a test",
  "don't know yet",
  'now do the same for the other file',
  'Now do it',
  'noted, thanks',
  'nothing to add',
  'nodes are listed twice in the output of ls, is it intended?',
  'note that the file is large',
  'northern routes first, please',
  'wonderful, thank you',
  'yes, go on',
  'ok, and the tests?',
  "Actually, that's perfect",
  'actually it works great',
  'stop the server when you are done',
  'stopwords should be in a file of their own',
  'wait for the build, then deploy',
  'undoubtedly the best so far',
  'the log has a line [Request interrupted by user] in it',
  'how would you design the cache?',
  'why do you think so?',
  'why are there two handlers?',
  'is this the right place for it?',
  'I reviewed what we have, it is good. continue',
  'Write a function that says no to strangers',
  'what does undo do in this editor?',
  'Nein danke, passt so',
  'kein Problem',
  'nicht sicher',
  'noch etwas: die Tests',
  'non merci',
  'nous devons aussi tester',
  'no hay problema',
  'nota: falta una prueba',
  '不错，继续',
  '没问题',
  '不客气',
  '现在写测试',
  '間違いないです',
  '大丈夫です、続けて',
  '次はテスト',
  '',
];

describe('isCorrection', () => {
  it.each(corrections)('hears one in: %s', (text) => {
    expect(isCorrection(text)).toBe(true);
  });

  it.each(others)('hears none in: %s', (text) => {
    expect(isCorrection(text)).toBe(false);
  });

  it('looks at the start only, whatever the length', () => {
    const log = 'all is well\n'.repeat(100_000);
    expect(isCorrection(`${log}no, that's wrong`)).toBe(false);
    expect(isCorrection(`no, that's wrong: ${log}`)).toBe(true);
  });
});

describe('isRefusal', () => {
  it.each([
    "The user doesn't want to proceed with this tool use. The tool use was rejected.",
    'Tool call rejected by user',
    'aborted by user after 12s',
    'User has rejected the change',
    'Command aborted',
  ])('isRefusal knows: %s', (text) => {
    expect(isRefusal(text)).toBe(true);
  });

  it.each(['Permission denied', 'user not found', 'connection refused', ''])(
    'isRefusal does not take for one: %s',
    (text) => {
      expect(isRefusal(text)).toBe(false);
    },
  );
});
