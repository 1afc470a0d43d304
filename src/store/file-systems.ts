/** The check of file systems, for stores; logs have the same. */
export { requireSafeFileSystem } from '../recovery/safe-file-system.ts';
