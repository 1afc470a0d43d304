/** A thread that does not get as far as it should: whoever starts it must hear of it. */
import { describe, expect, it } from 'vitest';
import { commandCodec, eventCodec } from '../../src/journal/journal-codec.ts';
import { hireThread } from '../../src/platform/thread.ts';

const codecs = { command: commandCodec, event: eventCodec };

describe('hireThread', () => {
  it.each([
    ['exits', 'process.exit(3)', /ended with code 3 before it had begun/],
    ['has nothing to do', '', /ended with code 0 before it had begun/],
    ['fails', 'throw new Error("no module")', /could not begin: Error: no module/],
  ])('begin tells when the thread %s before it says hello', async (_, code, message) => {
    const module = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const hired = hireThread(module, codecs);
    const begun = hired.begin(null);
    await expect(begun).rejects.toThrow(message);
    await expect(begun).rejects.toMatchObject({ code: 'EIO' });
  });

  it.each([
    ['as the machine tells it', 'Object.assign(new Error("too many"), { code: "EMFILE" })'],
    ['in words of Node', 'new Error("Worker initialization failure: EMFILE")'],
  ])('begin tells that descriptors lack, %s', async (_, error) => {
    const module = new URL(`data:text/javascript,${encodeURIComponent(`throw ${error}`)}`);
    const begun = hireThread(module, codecs).begin(null);
    await expect(begun).rejects.toMatchObject({ code: 'EMFILE' });
  });

  it('begin tells which file is missing where there is none to run, and what to do', async () => {
    const module = new URL('file:///nowhere/journal-worker.js');
    const begun = hireThread(module, codecs).begin(null);
    await expect(begun).rejects.toMatchObject({
      code: 'IO',
      details: { errno: 'EIO', path: '/nowhere/journal-worker.js' },
    });
    await expect(begun).rejects.toThrow(
      /Cannot find module '\/nowhere\/journal-worker.js'.*build "holdfast\/io-worker" as.*io: "pool"/,
    );
  });

  it('begin tells it of a thread that ended before there was work for it', async () => {
    const module = new URL('data:text/javascript,process.exit(3)');
    const hired = hireThread(module, codecs);
    // By the time that another one like it has come and gone, this one is gone as well.
    await expect(hireThread(module, codecs).begin(null)).rejects.toThrow('ended');
    await expect(hired.begin(null)).rejects.toThrow(/ended with code 3 before it had begun/);
  });

  it('dismiss ends a thread that waits, and one that has ended', async () => {
    const waiting = new URL('data:text/javascript,setInterval(() => undefined, 1000)');
    const hired = hireThread(waiting, codecs);
    await hired.dismiss();
    await hired.dismiss();
    await expect(hired.begin(null)).rejects.toThrow('ended');
  });
});
