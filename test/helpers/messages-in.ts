/** Everything that a reader finds in a store. */
import type { Message } from '../../src/session/message.ts';
import { Store } from '../../src/store/store.ts';

/** Messages by session, of those sessions that are there and asked for. */
export async function messagesIn(
  root: string,
  isAskedFor: (id: string) => boolean = () => true,
): Promise<Map<string, Message[]>> {
  const all = new Map<string, Message[]>();
  const store = await Store.open(root, { mode: 'read' });
  for await (const { id } of store.sessions()) {
    if (!isAskedFor(id)) continue;
    const session = await store.openSession(id, { mode: 'read' });
    const messages: Message[] = [];
    for await (const { message } of session.messages()) messages.push(message);
    all.set(id, messages);
  }
  await store.close();
  return all;
}
