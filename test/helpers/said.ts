/** Messages of one text, and the texts that a session shows. */
import type { Message } from '../../src/session/message.ts';
import type { MessageReadOptions, Session } from '../../src/store/api.ts';
import { collect } from './sim-store.ts';
import type { SimMachine } from './sim-store.ts';

/** A message of the user. */
export const say = (text: string): Message => ({ role: 'user', content: text });

/** What a message says. */
export const textOf = ({ message }: { message: Message }): unknown => message.content;

/** Texts of all messages, as the handle shows them. */
export async function texts(
  machine: SimMachine,
  session: Session,
  options: MessageReadOptions = {},
): Promise<unknown[]> {
  return (await machine.run(collect(session.messages(options)))).map(textOf);
}
