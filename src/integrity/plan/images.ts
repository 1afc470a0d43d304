/** Images beyond what a request may hold: told, because no edit may choose which ones matter. */
import type { PlacedMessage } from '../conversation.ts';
import type { Unmended } from './plan.ts';
import type { ProviderNeeds } from './provider-needs.ts';
import { resultImages } from './shapes.ts';

/** What to say of the images; nothing when the request takes them all. */
export function imagesBeyond(
  messages: readonly PlacedMessage[],
  needs: ProviderNeeds,
): readonly Unmended[] {
  const blocks = messages.flatMap(({ content }) => content);
  const images = blocks.filter(({ type }) => type === 'image').length;
  const inResults = blocks
    .filter(({ type }) => type === 'tool_result')
    .reduce((sum, block) => sum + resultImages(block).length, 0);
  const count = images + inResults;
  if (count <= needs.imagesMax) return [];
  const told = `There are ${count} images and a request takes ${needs.imagesMax}; remove some.`;
  return [{ reason: 'IMAGE_LIMIT', told }];
}
