/** How far a long preparation is, on a terminal; nothing where nobody looks. */

/** Told so often, and at the end. */
const partsTold = 100;

/** Tells of so many steps of one work, each time that another part of them is done. */
export function progressOf(what: string, steps: number): (done: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  let told = -1;
  return (done) => {
    const part = Math.floor((done / steps) * partsTold);
    if (part === told) return;
    told = part;
    process.stderr.write(`\r${what}: ${part} %${done >= steps ? '\r\u001b[K' : ''}`);
  };
}
