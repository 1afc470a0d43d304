/** Sizes of pictures from the first bytes of their files, and limits on them. */
import { describe, expect, test } from 'vitest';
import { checkConversation } from '../../../src/integrity/rules/check.ts';
import { pictureSize } from '../../../src/integrity/rules/picture.ts';
import { user } from '../../helpers/conversation-words.ts';
import { placed } from '../../helpers/placed.ts';

function base64(...parts: readonly (string | readonly number[])[]): string {
  const bytes = parts.map((part) =>
    typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
  );
  return Buffer.concat(bytes).toString('base64');
}

const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);

const png = (width: number, height: number): string => {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return base64([0x89], 'PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', [...size], zeros(5));
};

/** A frame header of 640 by 480, behind other segments. */
const jpeg = (...segments: readonly (readonly number[])[]): string =>
  base64([0xff, 0xd8], ...segments, [0xff, 0xc2, 0, 17, 8, 1, 0xe0, 2, 0x80, 3], zeros(9));

describe('pictureSize', () => {
  test.each([
    ['a PNG', png(640, 480)],
    ['a GIF', base64('GIF89a', [0x80, 2, 0xe0, 1])],
    ['a WebP with loss', base64('RIFF', zeros(4), 'WEBPVP8 ', zeros(10), [0x80, 2, 0xe0, 1])],
    [
      'a WebP without loss',
      base64('RIFF', zeros(4), 'WEBPVP8L', zeros(4), [0x2f, 0x7f, 0xc2, 0x77, 0], zeros(8)),
    ],
    ['an extended WebP', base64('RIFF', zeros(4), 'WEBPVP8X', zeros(8), [0x7f, 2, 0, 0xdf, 1, 0])],
    ['a JPEG', jpeg()],
    ['a JPEG behind a thumbnail', jpeg([0xff, 0xe1, 0x80, 2, ...zeros(0x8000)], [0xff])],
    ['a JPEG behind a table', jpeg([0xff, 0xc4, 0, 4, 9, 9])],
  ])('pictureSize reads %s', (_name, data) => {
    expect(pictureSize(data)).toEqual({ width: 640, height: 480 });
  });

  test.each([
    ['nothing', ''],
    ['a text', base64('Not a picture at all, only words.')],
    ['a PNG that is cut', png(640, 480).slice(0, 28)],
    ['a JPEG without a frame', base64([0xff, 0xd8, 0xff, 0xe1, 0, 4, 0, 0, 0xff, 0xd9])],
    ['a JPEG of segments without length', base64([0xff, 0xd8], [0xff, 0xe1, 0, 0], zeros(20))],
    ['another RIFF file', base64('RIFF', zeros(4), 'WAVEfmt ', zeros(20))],
    ['what is no base64', '%%%%'],
  ])('pictureSize has no answer for %s', (_name, data) => {
    expect(pictureSize(data)).toBe(null);
  });
});

describe('ImageRule', () => {
  const picture = (data: string): { type: string; source: unknown } => ({
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data },
  });
  const meanings = (
    pictures: readonly { type: string }[],
    profile: 'anthropic' | 'bedrock' | 'mistral' | 'openai-chat',
  ): readonly string[] =>
    checkConversation(placed([user(...pictures)]), profile)
      .findings.filter(({ code }) => code === 'IMAGE_LIMIT')
      .map(({ meaning, blockIndex }) => `${String(blockIndex)} ${meaning}`);

  test('ImageRule tells one picture that is longer than any may be', () => {
    expect(meanings([picture(png(8, 8000))], 'anthropic')).toEqual([]);
    expect(meanings([picture(png(8, 8001))], 'anthropic')[0]).toMatch(/^0 .*8001 pixels.*8000/);
    expect(meanings([picture(png(8, 8001))], 'openai-chat')).toEqual([]);
    const url = { type: 'image', source: { url: `data:image/png;base64,${png(8001, 8)}` } };
    expect(meanings([url], 'bedrock')).toHaveLength(1);
  });

  test.each([
    ['anthropic', 100],
    ['bedrock', 20],
    ['mistral', 8],
    ['openai-chat', 500],
  ] as const)('ImageRule lets %s have %i pictures and not one more', (profile, most) => {
    const pictures = Array.from({ length: most }, () => picture(png(8, 8)));
    expect(meanings(pictures, profile)).toEqual([]);
    const [told, ...more] = meanings([...pictures, ...pictures.slice(0, 3)], profile);
    expect(told).toMatch(new RegExp(`^${String(most)} There are ${String(most + 3)} pictures`));
    expect(more).toEqual([]);
  });

  test('ImageRule holds all pictures to the smaller size once there are many', () => {
    const small = Array.from({ length: 19 }, () => picture(png(8, 8)));
    const large = picture(png(2001, 8));
    const most = picture(png(2000, 2000));
    expect(meanings([most, ...small, most], 'anthropic')).toEqual([]);
    expect(meanings([large, ...small], 'anthropic')).toEqual([]);
    const many = meanings([large, ...small, large], 'anthropic');
    expect(many.map((line) => line.split(' ')[0])).toEqual(['0', '20']);
    expect(meanings([large, ...small], 'bedrock')).toEqual([]);
  });

  test('ImageRule tells a picture of more than ten mebibytes of base64', () => {
    const most = 10 * 1024 * 1024;
    const data = png(8, 8).padEnd(most, 'A');
    expect(meanings([picture(data)], 'anthropic')).toEqual([]);
    expect(meanings([picture(`${data}AAAA`)], 'anthropic')).toHaveLength(1);
  });
});
