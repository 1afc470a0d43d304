/** Short words for conversations, and for what is expected of them. */

/** A message of the user; words stand for a block. */
export const user = (...content) => ({ role: 'user', content: content.map(block) });

/** A message of the model. */
export const assistant = (...content) => ({ role: 'assistant', content: content.map(block) });

const block = (content) => (typeof content === 'string' ? text(content) : content);

/** Words. */
export const text = (words) => ({ type: 'text', text: words });

/** A call of a tool. */
export const call = (id, more = {}) => ({
  type: 'tool_use',
  id,
  name: 'read_file',
  input: { path: 'notes.txt' },
  ...more,
});

/** The result of a call. */
export const result = (id, more = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content: 'three lines',
  ...more,
});

/** A thought, signed unless it says otherwise. */
export const thinking = (more = { signature: 'c2lnbmF0dXJl' }) => ({
  type: 'thinking',
  thinking: 'The notes may tell.',
  ...more,
});

/** The same message, by this model. */
export const by = (model, message) => ({ ...message, model });

/** A question. */
export const ask = user('What is in my notes?');

/** Its answer. */
export const answer = assistant('Three lines.');

/** What the user says then. */
export const thanks = user('Thank you.');

/** An expected finding: its code, how much it weighs, the message and the block. */
export const at = (code, severity, message, block, callId = null) => ({
  code,
  severity,
  message,
  block,
  callId,
});
