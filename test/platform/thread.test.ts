/** A thread that does not get as far as it should: whoever starts it must hear of it. */
import { describe, expect, it } from 'vitest';
import { commandCodec, eventCodec } from '../../src/journal/journal-codec.ts';
import { startThread } from '../../src/platform/thread.ts';

const codecs = { command: commandCodec, event: eventCodec };

describe('startThread', () => {
  it.each([
    ['exits', 'process.exit(3)', /ended with code 3 before it had begun/],
    ['has nothing to do', '', /ended with code 0 before it had begun/],
    ['fails', 'throw new Error("no module")', /could not begin: Error: no module/],
  ])('startThread tells when the thread %s before it says hello', async (_, code, message) => {
    const module = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const started = startThread(module, codecs, null);
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.toMatchObject({ code: 'EIO' });
  });

  it.each([
    ['as the machine tells it', 'Object.assign(new Error("too many"), { code: "EMFILE" })'],
    ['in words of Node', 'new Error("Worker initialization failure: EMFILE")'],
  ])('startThread tells that descriptors lack, %s', async (_, error) => {
    const module = new URL(`data:text/javascript,${encodeURIComponent(`throw ${error}`)}`);
    const started = startThread(module, codecs, null);
    await expect(started).rejects.toMatchObject({ code: 'EMFILE' });
  });
});
