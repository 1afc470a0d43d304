/**
 * The charts of a report, as data: what is drawn, in which words, and what stands beside it in a
 * table. The terminal and the page draw the same ones. Pure.
 */
import { defaults, settingText } from './advice.ts';
import type { Curve, Knee, Point } from './curve.ts';
import type { TuneReport } from './report.ts';
import { binaryBytes, bytesPerSecond, grouped, milliseconds } from './units.ts';

/** One chart. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What the points are, and what is good. */
  readonly about: string;
  readonly curve: Curve;
  readonly at: (at: number) => string;
  /** The heading of the values of `at`, and of what was measured. */
  readonly atName: string;
  readonly valueName: string;
  readonly value: (value: number) => string;
  /** The point that is recommended; null when that is only the default. */
  readonly marked: number | null;
  /** What the setting is without any advice; null where there is no setting. */
  readonly usual: number | null;
}

const perSecond = { value: (rate: number) => grouped(Math.round(rate)), valueName: 'entries/s' };
const inMs = { value: milliseconds, valueName: 'time' };

/** The charts of what was measured; a curve without points is left out. */
export function chartsOf(report: TuneReport): readonly Chart[] {
  const charts = [...batchedCharts(report), ...durableCharts(report), ...diskCharts(report)];
  return charts.filter(({ curve }) => curve.points.length > 0);
}

function batchedCharts({ engine, advice }: TuneReport): readonly Chart[] {
  return [
    {
      id: 'entries',
      title: 'Batched entries that may be unsynced',
      about:
        'Batched appends per second of one session, by syncEntriesMax. Fewer expose less; at the ' +
        'knee more of them hardly pay.',
      curve: engine.entries,
      at: grouped,
      atName: 'syncEntriesMax',
      ...perSecond,
      ...marksOf(advice, 'syncEntriesMax'),
    },
    {
      id: 'delays',
      title: 'Delay until a sync',
      about:
        'Batched appends per second of one session, by syncDelayMsMax, with no limit on entries. ' +
        'Shorter exposes less; at the knee longer hardly pays.',
      curve: engine.delays,
      at: (at) => settingText('syncDelayMsMax', at),
      atName: 'syncDelayMsMax',
      ...perSecond,
      ...marksOf(advice, 'syncDelayMsMax'),
    },
  ];
}

function durableCharts({ engine }: TuneReport): readonly Chart[] {
  return [
    {
      id: 'sessions',
      title: 'Sessions that share the syncs',
      about: 'Durable appends per second together, when so many sessions each await theirs.',
      curve: engine.sessions,
      at: grouped,
      atName: 'sessions',
      ...perSecond,
      marked: null,
      usual: null,
    },
    {
      id: 'batches',
      title: 'Messages of one appendAll',
      about: 'Durable messages per second of one session, when so many share one call.',
      curve: engine.batches,
      at: grouped,
      atName: 'messages',
      ...perSecond,
      marked: null,
      usual: null,
    },
    {
      id: 'payloads',
      title: 'Size of a message',
      about: 'Bytes of text per second that one session appends durably, by the size of a message.',
      curve: engine.payloads,
      at: binaryBytes,
      atName: 'text',
      value: bytesPerSecond,
      valueName: 'text/s',
      marked: null,
      usual: null,
    },
  ];
}

function diskCharts({ disk, advice }: TuneReport): readonly Chart[] {
  return [
    {
      id: 'sizes',
      title: 'The bare disk: a write and its sync',
      about: 'Time of one pwrite and fdatasync into ready space, by bytes. Less is better.',
      curve: withoutKnee(disk.sizes),
      at: binaryBytes,
      atName: 'bytes',
      ...inMs,
      marked: null,
      usual: null,
    },
    {
      id: 'segments',
      title: 'The bare disk: making a segment',
      about: 'Time until a segment is filled with zeros, synced and named. Less is better.',
      curve: withoutKnee(disk.segments),
      at: binaryBytes,
      atName: 'segmentBytes',
      ...inMs,
      ...marksOf(advice, 'segmentBytes'),
    },
  ];
}

/** A default that nothing speaks for is no recommendation. */
function marksOf(
  { settings, reasons }: TuneReport['advice'],
  setting: 'syncEntriesMax' | 'syncDelayMsMax' | 'segmentBytes',
): Pick<Chart, 'marked' | 'usual'> {
  const marked = reasons[setting].from === 'default' ? null : settings[setting];
  return { marked, usual: defaults[setting] };
}

function withoutKnee(points: readonly Point[]): Curve {
  return { points, knee: null };
}

/** The chart in one sentence, for whoever does not see it. */
export function chartInWords(chart: Chart): string {
  const { curve, at, value, marked, title, about } = chart;
  const { points, knee } = curve;
  const told = points.map((point) => `${at(point.at)}: ${value(point.value.median)}`).join('; ');
  const kneeText = knee === null ? '' : ` ${kneeInWords(knee, at)}`;
  const isMarked = points.some((point) => point.at === marked);
  const markedText = isMarked && marked !== null ? ` Recommended is ${at(marked)}.` : '';
  const usualText = usualInWords(chart);
  return `${title}. ${about} ${told}.${kneeText}${markedText}${usualText && ` ${usualText}`}`;
}

/** Which point is the default, or that it is none of them; empty where there is no setting. */
export function usualInWords({ curve, at, usual }: Chart): string {
  if (usual === null) return '';
  const isDrawn = curve.points.some((point) => point.at === usual);
  const name = at(usual);
  return isDrawn
    ? `The default is ${name}.`
    : `The default, ${name}, was not tried here and is not drawn.`;
}

/** Where the knee is, or that nobody can tell. */
export function kneeInWords({ at, certainty }: Knee, name: Chart['at']): string {
  return certainty === 'sure'
    ? `The knee is at ${name(at)}.`
    : 'Where the knee is the rounds do not agree.';
}
