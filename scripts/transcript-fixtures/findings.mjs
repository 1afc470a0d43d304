/**
 * Conversations for the rules: for every code one that fires it, and one that nearly does and must
 * not. What is expected is written by hand in the folder beside; nothing is taken from the rules.
 */
import { pairing } from './findings/pairing.mjs';
import { shapes } from './findings/shapes.mjs';
import { order } from './findings/order.mjs';
import { thoughts } from './findings/thoughts.mjs';

const cases = { ...pairing, ...shapes, ...order, ...thoughts };

const conversation = ({ profile, end, messages, expected }) =>
  Buffer.from(`${JSON.stringify({ profile, end, messages, expected }, null, 2)}\n`);

/** Every file below `fixtures/transcripts/`. */
export const files = Object.entries(cases).flatMap(([code, { fires, nearly }]) => [
  { path: `findings/${code}/fires.json`, bytes: conversation(fires) },
  { path: `findings/${code}/nearly.json`, bytes: conversation(nearly) },
]);
