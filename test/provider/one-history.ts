/** The conversation that is written out in every shape. */
import { call, image, placed, result } from '../helpers/written-history.ts';

/** The model that answers. */
export const model = 'a-model';

/** A thought that its model signed. */
export const thinking = { type: 'thinking', thinking: 'Hm.', signature: 's1' };

/** A picture, two calls at once, of which one fails, and an answer. */
export const history = placed(
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'Look' }, image] },
  {
    role: 'assistant',
    model,
    content: [
      thinking,
      { type: 'text', text: 'I do.' },
      call('c1', { path: 'a' }),
      call('c2', { path: 'b' }),
    ],
  },
  { role: 'user', content: [result('c1'), result('c2', 'gone', { is_error: true })] },
  { role: 'user', content: 'And?' },
  { role: 'assistant', model, content: 'Nothing.' },
);
