/**
 * A process that does with a store what another one tells it over IPC, so that a test can have several
 * writers, stop them and kill them. Runs the built library, as a program does.
 */
import { Store } from '../../dist/index.js';

let store;
const sessions = new Map();

const actions = {
  async open({ root, options }) {
    store = await Store.open(root, options);
    return store.recovery;
  },
  async session({ id, options }) {
    const session = await store.openSession(id, options);
    sessions.set(id, session);
    return session.state;
  },
  async append({ id, texts, durability }) {
    const messages = texts.map((content) => ({ role: 'user', content }));
    return sessions.get(id).appendAll(messages, { durability });
  },
  async flood({ id, count, bytes, durability }) {
    const content = 'x'.repeat(bytes);
    for (let line = 1; line <= count; line += 1) {
      const { seq } = await sessions.get(id).append({ role: 'user', content }, { durability });
      process.send({ acknowledged: seq });
    }
  },
  async read({ id }) {
    const found = [];
    for await (const { message } of sessions.get(id).messages()) found.push(message.content);
    return found;
  },
  async closeSession({ id }) {
    await sessions.get(id).close();
  },
  async remove({ id }) {
    await store.deleteSession(id);
  },
  async close() {
    await store.close();
  },
};

process.on('message', (request) => {
  answer(request).catch(() => process.exit(70));
});

async function answer({ call, what, ...parameters }) {
  try {
    process.send({ call, value: (await actions[what](parameters)) ?? null });
  } catch (error) {
    const { code, message, details } = error;
    process.send({
      call,
      error: { code, message, details: JSON.parse(JSON.stringify(details ?? null)) },
    });
  }
}
process.send('ready');
