/** fast-check with the seeds of this run. A property that fails prints its seed and path. */
import fc from 'fast-check';
import { freshSeed, seedsAreGiven } from './seed.ts';

if (seedsAreGiven) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: freshSeed() });

export default fc;
