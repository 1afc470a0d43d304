/**
 * A program with a session whose history takes nothing, and with nothing left to do. It tells:
 *
 *     stuck            the history has refused what was to be settled
 *     closed CODE      with `close`: how closing the store ended
 *
 *     node stuck.mjs ROOT end|close
 */
import { writeSync } from 'node:fs';
import { nodeParts } from '../../dist/recovery/parts.js';
import { Store } from '../../dist/store/store.js';

const [root, then] = process.argv.slice(2);
const tell = (...words) => writeSync(1, `${words.join(' ')}\n`);
const parts = await nodeParts();
const { fileSystem } = parts;
let refused;
const isRefused = new Promise((resolve) => {
  refused = resolve;
});

/** Takes the head, and no entries. */
function noEntries(file) {
  const entries = 8192;
  const write = file.write.bind(file);
  file.write = (bytes, at) => {
    if (at < entries) return write(bytes, at);
    refused();
    return Promise.reject(Object.assign(new Error('EIO: write'), { code: 'EIO' }));
  };
  return file;
}

const refusing = new Proxy(fileSystem, {
  get: (real, name) => {
    if (name !== 'open' && name !== 'create') return real[name].bind(real);
    return async (path, mode) => {
      const file = await real[name](path, mode);
      return path.includes('/history') && mode !== 'read' ? noEntries(file) : file;
    };
  },
});
const store = await Store.openWith({ ...parts, fileSystem: refusing }, root, {
  segmentBytes: 16 * 1024,
});
const session = await store.createSession({ id: 's' });
const content = 'x'.repeat(4000);
for (let count = 0; count < 12; count += 1) await session.append({ role: 'user', content });
await isRefused;
tell('stuck');
if (then === 'close') {
  // The session cannot be closed, and what waits in the background must not keep the store.
  tell('closed', await store.close().catch(({ code }) => code));
}
