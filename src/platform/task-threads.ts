/**
 * Threads that do whole tasks and answer with what came of them: for work that takes a processor
 * and changes nothing. A task whose thread did not begin, failed or died comes back undone, and
 * its caller does it himself: threads save time, and nothing else depends on them.
 */
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { assert, present } from '../base/assert.ts';
import { compiledModule } from './compiled-module.ts';
import { descriptorsOfThread, requireDescriptors } from './spare-descriptors.ts';

/** What ends a thread; a task is an object. */
const ending = 'end';

/** How many threads can work at the same time. */
export function processors(): number {
  return availableParallelism();
}

/** Runs in the thread: does one task after the other. An answer of null says that it is undone. */
export function serveTasks<Task extends object, Done extends object>(
  handle: (task: Task) => Promise<Done | null>,
): void {
  const parent = present(parentPort, 'this module runs in a thread');
  parent.on('message', (message: Task | typeof ending) => {
    if (message === ending) {
      parent.close();
      return;
    }
    handle(message).then(
      (done) => parent.postMessage(done),
      // Whoever does it again meets the same, and tells it.
      () => parent.postMessage(null),
    );
  });
}

/** A task, and where its answer goes. */
interface Job<Task, Done> {
  readonly task: Task;
  readonly answer: (done: Done | null) => void;
}

/** Some threads of one module, which calls `serveTasks`. */
export class TaskThreads<Task extends object, Done extends object> {
  readonly #ended: Promise<void>[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job<Task, Done>>();
  readonly #waiting: Job<Task, Done>[] = [];
  #isEnding = false;

  /** Starts so many, or as many as there are descriptors for. */
  constructor(module: URL, count: number) {
    try {
      for (let index = 0; index < count; index += 1) {
        requireDescriptors(descriptorsOfThread * (index + 1));
        this.#hire(new Worker(compiledModule(module), { execArgv: [] }));
      }
    } catch {
      // The machine refuses one more: those that are there do it all, or the caller does.
    }
  }

  /** Null when no thread has done it. */
  run(task: Task): Promise<Done | null> {
    assert(!this.#isEnding, 'no task is given to threads that end');
    return new Promise((answer) => {
      this.#waiting.push({ task, answer });
      this.#next();
    });
  }

  /** Waits for what is under way, and ends the threads. What waits comes back undone. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#giveUp();
    for (const worker of this.#idle.splice(0)) worker.postMessage(ending);
    await Promise.all(this.#ended);
  }

  #hire(worker: Worker): void {
    this.#idle.push(worker);
    worker.on('message', (done: Done | null) => this.#answered(worker, done));
    // It ends behind this, and that is heard.
    worker.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => {
      worker.on('exit', () => {
        this.#left(worker);
        resolve();
      });
    });
    this.#ended.push(ended);
  }

  #answered(worker: Worker, done: Done | null): void {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    if (this.#isEnding) worker.postMessage(ending);
    else this.#idle.push(worker);
    job?.answer(done);
    this.#next();
  }

  #left(worker: Worker): void {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    job?.answer(null);
    this.#next();
  }

  #next(): void {
    if (this.#idle.length + this.#busy.size === 0) this.#giveUp();
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = present(this.#idle.pop(), 'one is idle');
      const job = present(this.#waiting.shift(), 'one waits');
      this.#busy.set(worker, job);
      worker.postMessage(job.task);
    }
  }

  #giveUp(): void {
    for (const { answer } of this.#waiting.splice(0)) answer(null);
  }
}
