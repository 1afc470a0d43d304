/**
 * Pictures: how many, how large. They count also inside results. Only numbers are kept, and the
 * places of pictures that are too large once there are many.
 */
import type { ContentBlock } from '../../session/message.ts';
import { type Spot, keptMax } from './finding-log.ts';
import { pictureSize } from './picture.ts';
import { type Rule, type RuleSetting, type Seen, partsOfResult, spotOf } from './rule.ts';
import type { ImageLimits } from './traits.ts';

const shrink = 'Make it smaller, or leave it out of what is sent.';

/** The rule. */
export class ImageRule implements Rule {
  readonly #setting: RuleSetting;
  /** Pictures that are too large when there are many, with their longer side. */
  readonly #largeForMany: { readonly spot: Spot; readonly side: number }[] = [];
  #count = 0;
  /** The first picture beyond the number. */
  #tooMany: Spot | null = null;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  /** How many were seen. */
  get count(): number {
    return this.#count;
  }

  see(seen: Seen): void {
    let index = -1;
    for (const block of seen.message.content) {
      index += 1;
      for (const picture of picturesIn(block)) this.#picture(picture, spotOf(seen, index));
    }
  }

  finish(): void {
    const limits = this.#setting.traits.images;
    if (limits === null) return;
    if (limits.manyFrom !== null && this.#count > limits.manyFrom) {
      for (const { spot, side } of this.#largeForMany) {
        this.#add(
          spot,
          `A picture is ${String(side)} pixels long; with more than ${String(limits.manyFrom)} ` +
            `pictures none may exceed ${String(limits.manySideMax)}.`,
        );
      }
    }
    if (this.#tooMany !== null) {
      const [count, most] = [String(this.#count), String(limits.countMax)];
      this.#add(this.#tooMany, `There are ${count} pictures; a request may hold ${most}.`);
    }
  }

  #picture(block: ContentBlock, spot: Spot): void {
    this.#count += 1;
    const limits = this.#setting.traits.images;
    if (limits === null) return;
    if (this.#count === limits.countMax + 1) this.#tooMany = spot;
    const data = base64Of(block);
    if (data !== null) this.#size(data, spot, limits);
  }

  #size(data: string, spot: Spot, limits: ImageLimits): void {
    if (limits.base64Max !== null && data.length > limits.base64Max) {
      const most = `${String(limits.base64Max)} characters of base64`;
      this.#add(spot, `A picture has ${String(data.length)}; a request takes ${most}.`);
    }
    if (limits.sideMax === Infinity) return;
    const size = pictureSize(data);
    if (size === null) return;
    const side = Math.max(size.width, size.height);
    if (side > limits.sideMax) {
      this.#add(
        spot,
        `A picture is ${String(side)} pixels long; ${String(limits.sideMax)} is most.`,
      );
    } else if (side > limits.manySideMax && this.#largeForMany.length < keptMax) {
      this.#largeForMany.push({ spot, side });
    }
  }

  #add(spot: Spot, meaning: string): void {
    this.#setting.log.add('IMAGE_LIMIT', spot, { meaning, fix: shrink });
  }
}

const none: readonly ContentBlock[] = [];

/** The block itself, or the pictures inside a result. */
function picturesIn(block: ContentBlock): readonly ContentBlock[] {
  if (block.type === 'image') return [block];
  // Also of one without an id: a plan quotes it, and its pictures stay.
  if (block.type !== 'tool_result') return none;
  return partsOfResult(block).filter(({ type }) => type === 'image');
}

/** The picture as text, in the shape of Anthropic or of a data URL; null when it is elsewhere. */
function base64Of(block: ContentBlock): string | null {
  const source: unknown = block['source'];
  if (typeof source !== 'object' || source === null) return null;
  const { data, url } = source as { readonly data?: unknown; readonly url?: unknown };
  if (typeof data === 'string') return data;
  if (typeof url !== 'string' || !url.startsWith('data:')) return null;
  const comma = url.indexOf(',');
  return comma < 0 ? null : url.slice(comma + 1);
}
