/**
 * The codes of findings about the messages of a conversation, wherever it was read. What each
 * provider makes of them is looked up in the rules. The compiler keeps the list complete.
 */
import type { MessageCode } from '../../integrity/finding.ts';
import type { Explanation } from './explanation.ts';

const plan = '`recover plan FILE --profile P` shows the exact edits.';

/** By code. */
export const messageExplanations: Readonly<Record<MessageCode, Explanation>> = {
  DANGLING_TOOL_CALL: {
    meaning: 'A call of a tool has no result. Every provider refuses what follows such a call.',
    cause:
      'The tool was interrupted, or killed with its process, or its result was lost on the way. ' +
      'The finding says which: never started, outcome unknown, result lost, or still open.',
    action: `A result is added that says what is known, and never that it failed. ${plan}`,
  },
  ORPHANED_TOOL_RESULT: {
    meaning: 'A result answers a call that is in no message.',
    cause: 'The message with the call was cut off by a compaction, a trim or a failed repair.',
    action: `What it says is kept as text of the user, or it is taken out. ${plan}`,
  },
  DISPLACED_TOOL_RESULT: {
    meaning: 'A result stands behind its call, but not where the provider looks for it.',
    cause: 'Somebody spoke while the tool ran, or a runtime put each result in a place of its own.',
    action: `The result is moved into the message right behind its call. ${plan}`,
  },
  RESULT_BEFORE_CALL: {
    meaning: 'A result stands before the call that it answers.',
    cause: 'Messages were written in another order than they happened.',
    action: `The result is moved behind its call. ${plan}`,
  },
  DUPLICATE_TOOL_CALL_ID: {
    meaning: 'Two calls have the same id, so that their results cannot be told apart.',
    cause: 'A runtime numbers the calls of each turn anew, or a message was written twice.',
    action: `The later call and its result get another id. ${plan}`,
  },
  DUPLICATE_TOOL_RESULT: {
    meaning: 'A call is answered more than once.',
    cause: 'A retry wrote the result again, or a tool gave its output in several pieces.',
    action: `The first result stays; what another one says is told before it goes. ${plan}`,
  },
  EMPTY_MESSAGE: {
    meaning:
      'A message has nothing in it that can be seen; where reasoning is not sent, an answer of ' +
      'nothing else counts as one.',
    cause:
      'An answer was interrupted before its first word or in its reasoning, or a filter took ' +
      'everything out.',
    action: `The message is taken out, or says so where roles need one. ${plan}`,
  },
  UNREADABLE_CONTENT: {
    meaning:
      'A message has no content that can be read, and yet something is written in it: under ' +
      'another name, or in a shape that nobody knows.',
    cause: 'A program or a person wrote the message by hand, or with a newer or older version.',
    action:
      'Nobody guesses what it says. Put the words where they belong; the finding tells where ' +
      'they stand. A plan takes the message out, or says so where roles need one; it lists the ' +
      'words, and exits with 20.',
  },
  EMPTY_TEXT: {
    meaning: 'A text block has no visible character; white space counts as none.',
    cause:
      'A model began with line ends before a call, or a tool printed nothing. Old sessions have ' +
      'them because providers once took them.',
    action: `The block is taken out; nothing is lost by it. ${plan}`,
  },
  MALFORMED_BLOCK: {
    meaning:
      'Where a block of a message should stand, there is no object, or one without a type. Or it ' +
      'has a shape that nobody takes: a picture without a source, a result of null, a call ' +
      'inside a result.',
    cause:
      'The message was put together by hand or by a script, or a tool stored a hole in a list.',
    action: `What it says becomes a text; what says nothing is taken out. ${plan}`,
  },
  BAD_CALL_ID: {
    meaning: 'The id of a call has a form that the provider does not take.',
    cause: 'The call was made by the model of another provider, or a runtime made the id up.',
    action: `The call and its result get an id that fits. ${plan}`,
  },
  BAD_TOOL_NAME: {
    meaning: 'The name of a tool has a form that the provider does not take.',
    cause: 'The tool was called through another provider, or the model made the name up.',
    action: `The name is written in letters that fit. ${plan}`,
  },
  BAD_ARGUMENTS: {
    meaning: 'The arguments of a call are no JSON object, or there are none.',
    cause:
      'The stream was cut inside the call, the model wrote them wrongly, or a proxy encoded them ' +
      'twice.',
    action:
      'The text of an object becomes the object; whatever else is there is kept inside one. ' +
      plan,
  },
  ROLE_ORDER: {
    meaning:
      'A role speaks out of its turn, as the provider counts turns, or a message holds what is ' +
      'not its own: a call that is not of the assistant. In a request to Anthropic, instructions ' +
      'stand among the messages.',
    cause:
      'The user spoke twice, or right behind the results of tools, after an interruption; or a ' +
      'list was written for OpenAI, which takes messages of role `system`.',
    action:
      'Messages are joined or kept apart by one in between; instructions become the `system` of ' +
      `the request. ${plan}`,
  },
  LEADING_ASSISTANT: {
    meaning: 'The conversation begins with a message of the assistant.',
    cause: 'The beginning was cut off by a compaction or a trim.',
    action: `A message of the user is put in front that says the beginning is missing. ${plan}`,
  },
  TRAILING_ASSISTANT: {
    meaning: 'The last message is of the assistant, and the request is sent as it is.',
    cause: 'A finished history was sent without a new message of the user.',
    action: 'Put a message of the user behind it. A stored history may well end like that.',
  },
  TRAILING_WHITESPACE: {
    meaning: 'The text of the last message is of the assistant and ends in white space.',
    cause: 'An answer was cut off, or kept with its last line end.',
    action: `The white space is taken off. ${plan}`,
  },
  CONTENT_AFTER_CALL: {
    meaning: 'In a turn of the assistant something stands behind a call.',
    cause: 'Parts of an answer were stored in another order, or two answers became one turn.',
    action: `It is moved in front of the calls. ${plan}`,
  },
  CONTENT_BEFORE_RESULT: {
    meaning: 'The user says something between a call and its result.',
    cause: 'A message was queued while the tool ran, or a hook or reminder was put in.',
    action: `The result is moved in front of it. ${plan}`,
  },
  UNSIGNED_THINKING: {
    meaning:
      'Thinking has no signature, and where it is sent it must go back as it was. Of a ' +
      'signature, or of what a provider encrypted, no byte may be lost.',
    cause:
      'The stream was cut before the signature, a tool did not store it, or bytes of the ' +
      'thinking were damaged and its signature was taken off.',
    action: `In the latest turn what it says becomes text; in older ones it is left out. ${plan}`,
  },
  FOREIGN_THINKING: {
    meaning: 'Signed thinking is of another model than the one that goes on.',
    cause: 'The model was changed in the session.',
    action: 'Leave that thinking out of what is sent; most tools do so by themselves.',
  },
  MISSING_THOUGHT_SIGNATURE: {
    meaning: 'A call of the current turn lacks the signature that Gemini 3 puts on it.',
    cause: 'A tool did not store `thoughtSignature`, or the call is of another model.',
    action: `The documented stand-in \`skip_thought_signature_validator\` is put on it. ${plan}`,
  },
  REASONING_WITHOUT_ITEM: {
    meaning: 'Reasoning stands without the message or call that came of it.',
    cause: 'The answer was interrupted behind it, or the item was taken out alone.',
    action: `The reasoning is taken out. ${plan}`,
  },
  DUPLICATE_ITEM_ID: {
    meaning: 'Two items have the same id.',
    cause: 'An answer was stored twice, or a tool made ids up that collide with stored ones.',
    action: `The later one loses its id. ${plan}`,
  },
  UNPAIRED_SERVER_TOOL: {
    meaning: 'A call of a tool that the provider runs, or its result, stands alone.',
    cause: 'The answer was interrupted while the provider ran the tool, or part of it was cut.',
    action: `What stands alone is taken out. ${plan}`,
  },
  LONE_SURROGATE: {
    meaning: 'A text holds half of a character (a lone surrogate), which no UTF-8 has.',
    cause: 'A stream or a limit of length cut an emoji in two.',
    action: `The half becomes U+FFFD. ${plan}`,
  },
  IMAGE_LIMIT: {
    meaning: 'There are more or larger pictures than a request may hold.',
    cause: 'Screenshots pile up; with many pictures the allowed size is smaller.',
    action: 'Make pictures smaller or leave old ones out of what is sent; a plan touches none.',
  },
  REQUEST_TOO_LARGE: {
    meaning: 'The whole history is more than a request may be.',
    cause: 'Pictures and long results of tools pile up in a session that goes on for days.',
    action: 'Let the tool make a summary and go on from it; a plan takes nothing away for size.',
  },
  UNKNOWN_ROLE: {
    meaning: 'A role is none of those that providers know.',
    cause: 'A tool uses roles of its own.',
    action: 'Translate it before it is sent; it is kept as it is.',
  },
  UNFINISHED_TURN: {
    meaning: 'The last turn is not finished: results or the answer are still missing.',
    cause: 'The session is running, or it was stopped in the middle.',
    action: 'Go on with it when it runs; otherwise look at the calls that have no result.',
  },
};
