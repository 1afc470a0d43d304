/**
 * The end of a journal: a sync of a file or of its directory failed. Kernels mark the failed pages
 * clean, so a sync that is tried again would succeed without having written anything; after a
 * Poison nothing of this journal is synced or acknowledged any more.
 */

/** Carries what the machine said as its cause. Never caught for going on. */
export class Poison extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Runs a sync; whatever goes wrong in it comes out as Poison. */
export async function poisoning(sync: () => Promise<void>): Promise<void> {
  try {
    await sync();
  } catch (error) {
    throw error instanceof Poison ? error : new Poison(error);
  }
}
