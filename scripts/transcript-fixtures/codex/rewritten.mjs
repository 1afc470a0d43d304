/** Rollouts of Codex whose past was made anew: compacted, rolled back, forked. */
import {
  record,
  meta,
  item,
  event,
  started,
  completed,
  prompt,
  reply,
  surroundings,
  turn,
  lines,
  begin,
  begun,
} from './rollout.mjs';

/** By name: the bytes, and what must be found. */
export const rewritten = {
  'compaction-with-replacement': () => ({
    text: lines([
      ...begin(),
      record('compacted', {
        message: '',
        replacement_history: [
          prompt('What is here?'),
          { type: 'compaction', encrypted_content: 'gAAAAABq' },
        ],
        window_number: 1,
      }),
      event('context_compacted'),
      item(prompt('Go on.')),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text What is here?'],
      ['assistant', 'compaction'],
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
    sides: [{ kind: 'compacted', messages: 5 }],
  }),

  'compaction-without-replacement': () => ({
    text: lines([
      ...begin(),
      record('compacted', { message: 'The shop has one file.' }),
      item(prompt('Go on.')),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text What is here?'],
      ['user', 'text The shop has one file.'],
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
    sides: [{ kind: 'compacted', messages: 5 }],
  }),

  // The second turn is taken back, and the note on surroundings in front of it with it.
  rollback: () => ({
    text: lines([
      ...begin(),
      item(surroundings),
      ...turn('t2', 'Delete it.', 'call_2', 'It is gone.'),
      event('thread_rolled_back', { num_turns: 1 }),
      started('t3'),
      item(prompt('Keep it.')),
      item(reply('I keep it.')),
    ]),
    messages: [...begun(), ['user', 'text Keep it.'], ['assistant', 'text I keep it.']],
    sides: [{ kind: 'rolled-back', messages: 5 }],
  }),

  // Codex plays the compaction of a turn that was taken back again, and then takes its words back.
  'rollback-of-compaction': () => ({
    text: lines([
      ...begin(),
      record('compacted', { message: '', replacement_history: [prompt('What is here?')] }),
      started('t2'),
      item(prompt('More.')),
      event('user_message', { message: 'More.' }),
      record('compacted', { message: '', replacement_history: [prompt('Nothing is left.')] }),
      completed('t2'),
      event('thread_rolled_back', { num_turns: 1 }),
      started('t3'),
      item(prompt('Less.')),
    ]),
    messages: [['user', 'text Less.']],
    sides: [
      { kind: 'compacted', messages: 5 },
      { kind: 'compacted', messages: 2 },
      { kind: 'rolled-back', messages: 1 },
    ],
  }),

  // A fork copies the head of its ancestor behind its own: the first one is the identity.
  fork: () => ({
    text: lines([
      meta('0199-fork', { forked_from_id: '0198-thread', cwd: '/home/me/fork' }),
      ...begin(),
      item(prompt('Here we part.')),
    ]),
    messages: [...begun(), ['user', 'text Here we part.']],
    sessionId: '0199-fork',
  }),
};
