/** Tasks in threads: done, or undone and said to be, whatever happens to the threads. */
import { describe, expect, it } from 'vitest';
import { TaskThreads } from '../../src/platform/task-threads.ts';

interface Task {
  readonly number: number;
}
interface Done {
  readonly squared: number;
}

/** A module that answers tasks like this; `end` ends it, as in `serveTasks`. */
function moduleOf(answer: string): URL {
  const code = `
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (task) => {
      if (task === 'end') return parentPort.close();
      ${answer}
    });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

const square = 'parentPort.postMessage({ squared: task.number ** 2 });';

async function runAll(threads: TaskThreads<Task, Done>, count: number): Promise<unknown[]> {
  const tasks = Array.from({ length: count }, (_, number) => threads.run({ number }));
  const done = await Promise.all(tasks);
  await threads.end();
  return done.map((one) => one?.squared ?? null);
}

describe('TaskThreads', () => {
  it('run answers each task with what came of it, of more tasks than threads', async () => {
    const threads = new TaskThreads<Task, Done>(moduleOf(square), 3);
    expect(await runAll(threads, 10)).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
  });

  it.each([
    ['does not exist', new URL('file:///nowhere/at/all.js')],
    ['fails as it begins', new URL('data:text/javascript,throw new Error("no")')],
    ['ends as it begins', new URL('data:text/javascript,process.exit(0)')],
    ['dies over its task', moduleOf('process.exit(1);')],
    ['throws over its task', moduleOf('throw new Error("no");')],
    ['says that it did not do it', moduleOf('parentPort.postMessage(null);')],
  ])('run says of every task that it is undone when the module %s', async (_, module) => {
    expect(await runAll(new TaskThreads<Task, Done>(module, 2), 5)).toEqual(Array(5).fill(null));
  });

  it('run goes on with the threads that are left when one of them dies', async () => {
    const answer = `if (task.number === 0) process.exit(1); else ${square}`;
    const done = await runAll(new TaskThreads<Task, Done>(moduleOf(answer), 2), 5);
    expect(done).toEqual([null, 1, 4, 9, 16]);
  });

  it('run says that it is undone when there is no thread', async () => {
    expect(await runAll(new TaskThreads<Task, Done>(moduleOf(square), 0), 2)).toEqual([null, null]);
  });

  it('end waits for what is under way, and gives back what waits', async () => {
    const threads = new TaskThreads<Task, Done>(moduleOf(square), 1);
    const [first, second] = [threads.run({ number: 3 }), threads.run({ number: 4 })];
    await threads.end();
    expect(await Promise.all([first, second])).toEqual([{ squared: 9 }, null]);
  });
});
