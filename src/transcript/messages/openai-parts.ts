/**
 * The content of messages as OpenAI writes it: a text, or a list of parts. A part that stays, or
 * that moves with its message, keeps every member, also those that no block shows.
 */
import { asWords } from '../../base/deep-json.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, sameJson } from '../json-value.ts';
import { knownBlock, rawBlock } from '../known-block.ts';
import { loneBlock } from '../lone-content.ts';
import { otherBlock } from './dialect.ts';
import type { Keeper, Words } from './dialect.ts';

/** An empty string beside calls is no text: it is how many programs write that there is none. */
export function partsOf(content: unknown, empty: 'keep' | 'leave-out'): ContentBlock[] {
  if (typeof content === 'string') {
    return content === '' && empty === 'leave-out' ? [] : [{ type: 'text', text: content }];
  }
  const lone = loneBlock(content);
  return (lone === null ? asList(content) : [lone]).map((part): ContentBlock => {
    const object = asObject(part);
    if (typeof object?.['type'] !== 'string') return knownBlock(part);
    const image = asObject(object['image_url']);
    if (object['type'] === 'image_url' && typeof image?.['url'] === 'string') {
      return imageOf(image['url'], image);
    }
    return otherBlock({ ...object, type: object['type'] });
  });
}

function imageOf(url: string, image: JsonObject): ContentBlock {
  const inline = /^data:([^;,]+);base64,(.*)$/s.exec(url);
  const source =
    inline === null
      ? { type: 'url', url }
      : { type: 'base64', media_type: inline[1], data: inline[2] };
  const detail = image['detail'];
  return { type: 'image', source, ...(detail === undefined ? {} : { detail }) };
}

/** One text is a string; more than that are parts. */
export function contentWords(content: readonly ContentBlock[]): unknown {
  const [only] = content;
  if (content.length === 0) return '';
  if (content.length === 1 && only?.type === 'text') return only['text'];
  return content.map(partWords);
}

function partWords(block: ContentBlock): unknown {
  const source = block.type === 'image' ? asObject(block['source']) : null;
  if (source === null) return rawBlock(block);
  const inline = source['type'] === 'base64';
  const url = inline
    ? `data:${asWords(source['media_type'])};base64,${asWords(source['data'])}`
    : source['url'];
  const detail = block['detail'];
  return { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } };
}

/** The content again, where it is a list: a part that says what one of `list` says is that one. */
export function contentLike(content: readonly ContentBlock[], list: unknown): unknown {
  if (!Array.isArray(list)) return contentWords(content);
  const elements = list as readonly unknown[];
  const before = partsOf(elements, 'keep');
  let next = 0;
  let isOld = false;
  const parts = content.map((block) => {
    for (let at = next; at < Math.min(before.length, next + lookAhead); at += 1) {
      if (!sameJson(before[at], block)) continue;
      next = at + 1;
      isOld = true;
      return elements[at];
    }
    return partWords(block);
  });
  return isOld ? parts : contentWords(content);
}

/** So many parts are looked at to find one again. */
const lookAhead = 64;

/** A part that became another block: a picture keeps what its block does not show. */
export function changedPart(element: unknown, block: ContentBlock): unknown {
  const [old, fresh] = [asObject(element), asObject(partWords(block))];
  const [before, after] = [asObject(old?.['image_url']), asObject(fresh?.['image_url'])];
  if (before === null || after === null) return fresh ?? partWords(block);
  return { ...old, ...fresh, image_url: { ...before, ...after } };
}

/** Keeps tool messages that go, so that a result that is written elsewhere has their members. */
export function toolKeeper(): Keeper {
  const gone = new Map<string, JsonObject[]>();
  return {
    gone(message) {
      const id = asText(message['tool_call_id']);
      if (message['role'] !== 'tool' || id === null) return;
      const here = gone.get(id);
      if (here === undefined) gone.set(id, [message]);
      else here.push(message);
    },
    restored(words, block): Words {
      const id = words['role'] === 'tool' ? asText(words['tool_call_id']) : null;
      const here = id === null ? undefined : gone.get(id);
      const saysSo = (message: JsonObject): boolean => sameJson(saidIn(message), block['content']);
      const own = here?.find(saysSo) ?? (here?.length === 1 ? here[0] : undefined);
      if (own === undefined) return words;
      const { content } = block;
      const parts = Array.isArray(content)
        ? contentLike(content as readonly ContentBlock[], own['content'])
        : words['content'];
      return { ...own, ...words, content: parts };
    },
  };
}

function saidIn({ content }: JsonObject): unknown {
  return Array.isArray(content) ? partsOf(content, 'keep') : content;
}
