/**
 * The work that the conversation `build-a-parser` is about: a small expression language, feature by
 * feature. Each says what the user asks, what the agent thinks, which code it adds to which file,
 * what the first test run complains about, the change that mends it, and what the agent says then.
 */
import { syntax } from './syntax.mjs';
import { tools } from './tools.mjs';
import { values } from './values.mjs';

/** In the order of the work. `mend`: the lines as first written, and as they should be. */
export const features = [...syntax, ...values, ...tools];
