/** One operation after the other for a while, by tinybench: the next begins when the last has ended. */
import { Bench } from 'tinybench';

/** Runs for so long, once at least; the times of all operations in milliseconds. */
export async function slice(
  name: string,
  milliseconds: number,
  operation: () => Promise<unknown>,
): Promise<readonly number[]> {
  const bench = new Bench({
    time: milliseconds,
    warmup: false,
    retainSamples: true,
    iterations: 1,
  });
  bench.add(name, operation, { async: true });
  const [task] = await bench.run();
  if (task?.result.state === 'completed') return task.result.latency.samples ?? [];
  const cause = task?.result.state === 'errored' ? task.result.error : undefined;
  throw new Error(`A slice of ${name} has failed`, { cause });
}
