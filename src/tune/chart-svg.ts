/**
 * Charts as inline SVG: a curve with its spread, and the ratios of the checks. Colours come from
 * the page by class; what is marked differs in shape and in words too. Pure.
 */
import type { Chart } from './charts.ts';
import { chartInWords } from './charts.ts';
import type { Point } from './curve.ts';
import { settingText } from './advice.ts';
import { betterAbove } from './judge.ts';
import { element, escaped } from './markup.ts';
import type { Check } from './report.ts';
import { figure } from './units.ts';

const width = 400;
const height = 230;
const frame = { left: 66, right: 18, top: 30, bottom: 32 };
const inner = {
  width: width - frame.left - frame.right,
  height: height - frame.top - frame.bottom,
};

/** A number with at most two decimals, for coordinates. */
function at(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
export function niceStep(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= value * 0.999_999) ?? 10;
  return step * power;
}

/** An image with words for whoever does not see it. */
function image(id: string, size: readonly [number, number], words: Words, body: string): string {
  const attributes = {
    viewBox: `0 0 ${size[0]} ${size[1]}`,
    role: 'img',
    'aria-labelledby': `${id}-title ${id}-desc`,
  };
  const title = element('title', { id: `${id}-title` }, escaped(words.title));
  const desc = element('desc', { id: `${id}-desc` }, escaped(words.desc));
  return element('svg', attributes, title + desc + body);
}

interface Words {
  readonly title: string;
  readonly desc: string;
}

function text(x: number, y: number, anchor: string, content: string, name: string): string {
  return element(
    'text',
    { x: at(x), y: at(y), 'text-anchor': anchor, class: name },
    escaped(content),
  );
}

function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return element('line', { x1: at(x1), y1: at(y1), x2: at(x2), y2: at(y2), class: name });
}

/** A curve over its points, evenly apart as the steps of the ladder are. */
export function curveSvg(chart: Chart): string {
  const { points } = chart.curve;
  const largest = Math.max(...points.map(({ value }) => value.median));
  // A single lucky round must not press the curve to the ground; its whisker is cut instead.
  const reach = Math.min(Math.max(...points.map(({ value }) => value.high)), largest * 1.5);
  const step = niceStep(reach / 4);
  const top = Math.max(step, Math.ceil(reach / step) * step);
  const x = (index: number): number => {
    return frame.left + (inner.width * (index + 0.5)) / points.length;
  };
  const y = (value: number): number => {
    return frame.top + inner.height * (1 - Math.min(1, value / top));
  };
  const grid = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => {
    const value = index * step;
    const label = text(frame.left - 8, y(value) + 4, 'end', chart.value(value), 'tick');
    return line(frame.left, y(value), width - frame.right, y(value), 'grid') + label;
  });
  const names = points.map((point, index) => {
    const isMarked = point.at === chart.marked;
    const name = isMarked ? 'tick marked' : 'tick';
    return text(x(index), height - frame.bottom + 17, 'middle', chart.at(point.at), name);
  });
  const road = points.map(({ value }, index) => `${at(x(index))},${at(y(value.median))}`).join(' ');
  const whiskers = points.map(({ value }, index) => {
    return line(x(index), y(value.low), x(index), y(value.high), 'whisker');
  });
  const dots = points.map((point, index) => dot(chart, point, x(index), y(point.value.median)));
  const axis = text(frame.left, 15, 'start', `${chart.valueName} by ${chart.atName}`, 'axis');
  const body = [
    axis,
    ...grid,
    ...names,
    ...whiskers,
    element('polyline', { points: road, class: 'curve' }),
    ...dots,
  ];
  const words = { title: chart.title, desc: chartInWords(chart) };
  return image(chart.id, [width, height], words, body.join(''));
}

/** A diamond for what is recommended, a square for the default, a ring for the knee, or a dot. */
function dot({ marked, usual, curve }: Chart, { at: value }: Point, x: number, y: number): string {
  if (value === marked) {
    const [left, right, up, down] = [x - 8, x + 8, y - 8, y + 8].map(at);
    const points = `${at(x)},${up} ${right},${at(y)} ${at(x)},${down} ${left},${at(y)}`;
    return element('polygon', { points, class: 'recommended' });
  }
  if (value === usual) {
    return element('rect', { x: at(x - 5), y: at(y - 5), width: 10, height: 10, class: 'usual' });
  }
  const isKnee = value === curve.knee?.at && curve.knee.certainty === 'sure';
  return element('circle', { cx: at(x), cy: at(y), r: 4.5, class: isKnee ? 'knee' : 'dot' });
}

const rowHeight = 46;
/** Half of the height of a bar's lines of the scale; names stand above. */
const ruleHeight = 10;
const octaves = 2;

/** The ratios of the checks on a scale of doublings; the tick is what would have been better. */
export function checksSvg(checks: readonly Check[]): string {
  const size = [width, checks.length * rowHeight + 30] as const;
  const side = 20;
  const x = (ratio: number): number => {
    const turn = Math.log2(Math.min(2 ** octaves, Math.max(2 ** -octaves, ratio)));
    return side + ((width - 2 * side) * (turn + octaves)) / (2 * octaves);
  };
  const end = checks.length * rowHeight + 6;
  const ratios = [0.25, 0.5, 1, 2, 4];
  const scale = ratios.map((ratio) => text(x(ratio), end + 16, 'middle', `${ratio}×`, 'tick'));
  // Drawn through the bars only: a line through a name would take it for a letter.
  const rules = (y: number): readonly string[] => {
    return ratios.map((ratio) => {
      return line(x(ratio), y - ruleHeight, x(ratio), y + ruleHeight, ratio === 1 ? 'one' : 'grid');
    });
  };
  const rows = checks.map((check, index) => {
    const y = index * rowHeight + 34;
    const label = text(side, y - 14, 'start', checkName(check), 'axis');
    if (check.ratio === null) return label;
    const { low, high, median } = check.ratio;
    const needed = x(betterAbove({ ...check, ratios: [] }));
    const kind = { yes: 'recommended', no: 'dot', undecided: 'knee' }[check.isBetter];
    return [
      label,
      ...rules(y),
      line(x(low), y, x(high), y, 'whisker'),
      line(needed, y - 8, needed, y + 8, 'needed'),
      element('circle', { cx: at(x(median)), cy: y, r: 5, class: kind }),
    ].join('');
  });
  const told = checks.map((check) => `${checkName(check)}: ${ratioText(check)}.`).join(' ');
  const words = { title: 'Neighbours of the recommended settings', desc: told };
  return image('checks', size, words, scale.join('') + rows.join(''));
}

/** What was compared with what. */
export function checkName({ setting, recommended, neighbour }: Check): string {
  return `${setting}: ${settingText(setting, neighbour)} against ${settingText(setting, recommended)}`;
}

/** How quick the neighbour was. */
export function ratioText({ ratio }: Check): string {
  if (ratio === null) return 'not measured';
  return `${figure(ratio.median)} (${figure(ratio.low)} to ${figure(ratio.high)}) times as quick`;
}
