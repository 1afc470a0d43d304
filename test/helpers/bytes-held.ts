import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap and of buffers that are held when everything that nobody needs is collected. */
export function bytesHeld(): { readonly heap: number; readonly buffers: number } {
  // The first collection may leave what it found to be swept while the test goes on.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}
