/** A repair for people, as a diff with its reasons; and the same for programs. */
import { planLines } from '../../integrity/plan/plan-text.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { Style } from '../talk.ts';
import { placeWords } from './checked.ts';
import { bytes, counted, number, oneLine } from '../text.ts';
import { findingsText } from './finding-text.ts';
import type { Listing } from './finding-text.ts';
import { MendLooks } from './mend-looks.ts';
import type { LostBytes, MendLook } from './mend-looks.ts';
import type { Repair } from './repair.ts';
import { isDamaged } from './verdict.ts';

const linesMax = 400;

/** What is told of a repair. */
export interface ToldRepair {
  readonly path: string;
  readonly transcript: Transcript;
  readonly repair: Repair;
  /** The mends of bytes, as far as there are bytes. */
  readonly looks: readonly MendLook[];
  /** What they take away of what was written. */
  readonly lostBytes: readonly LostBytes[];
  /** Why no copy can be written that the provider takes; null when one can. */
  readonly refusal: string | null;
}

/**
 * Whether something stays damaged, words go that were written, as those of a torn end, or nothing
 * can be written at all.
 */
export function losesAny({ repair, lostBytes, refusal }: ToldRepair): boolean {
  const [left, unmended] = [repair.left.length, repair.plan.unmended.length];
  const unread = repair.plan.lost.filter(({ reason }) => reason === 'UNREADABLE_CONTENT').length;
  return isDamaged({ left, unmended, lost: lostBytes.length + unread, refusal });
}

/** What is told of a repair of this file; reads a little around every mend. */
export function toldRepair(
  path: string,
  transcript: Transcript,
  repair: Repair,
  source: ByteSource | null,
  refusal: string | null,
): ToldRepair {
  const { mends } = repair;
  if (source === null) return { path, transcript, repair, looks: [], lostBytes: [], refusal };
  const looking = new MendLooks(source, transcript);
  return {
    path,
    transcript,
    repair,
    looks: looking.looks(mends),
    lostBytes: mends.map((mend) => looking.lost(mend)).filter((lost) => lost !== null),
    refusal,
  };
}

/** The members of the JSON form, without its schema. */
export function repairJson(told: ToldRepair): Readonly<Record<string, unknown>> {
  const { path, transcript, repair } = told;
  const { profile, policy, plan } = repair;
  return {
    path,
    format: transcript.format,
    profile,
    policy,
    writable: repair.result !== null && told.refusal === null,
    refusal: told.refusal,
    mends: told.looks,
    edits: plan.edits,
    lost: plan.lost,
    lostBytes: told.lostBytes,
    unmended: plan.unmended,
    left: repair.left,
  };
}

/** How a repair is told: as something to do, or as something that was carried out. */
export interface RepairTelling {
  readonly tense: 'planned' | 'done';
  readonly listing: Listing;
}

/** The text. */
export function repairText(
  told: ToldRepair,
  style: Style,
  { tense, listing }: RepairTelling,
): string {
  const { path, transcript, repair } = told;
  const { mends, plan, profile, policy } = repair;
  const head = `${style.bold(oneLine(path, 200))} for ${profile}, ${policy}: `;
  const count = mends.length + plan.edits.length;
  if (count === 0) {
    const stays = [
      ...planLines(repair.messages, plan).map((line) => coloured(line, style)),
      ...(repair.left.length === 0 ? [] : [leftText(repair, style, listing)]),
    ];
    if (stays.length === 0) return `${style.green('✓')} ${head}nothing to do\n`;
    return `${style.red('✗')} ${head}no plan can mend it\n${cut(stays).join('\n')}\n`;
  }
  const will = tense === 'done' ? '' : ' to make';
  const parts = [
    `${style.yellow('●')} ${head}${counted(mends.length, 'mend')} of bytes, ` +
      `${counted(plan.edits.length, 'edit')}${will}`,
    ...mendLines(told, style),
    ...lostLines(told, style),
    ...cut(planLines(repair.messages, plan).map((line) => coloured(line, style))),
  ];
  if (repair.left.length > 0) parts.push(leftText(repair, style, listing));
  if (tense === 'planned') parts.push(nextStep(told));
  if (repair.result === null && told.refusal === null) {
    parts.push(
      `The format ${transcript.format} is only read: recover apply writes no copy of it (40), ` +
        'and holdfast import makes a session of it',
    );
  }
  return `${parts.join('\n')}\n`;
}

/** What stays damaged, so that nobody takes the copy for whole. */
function leftText({ left }: Repair, style: Style, listing: Listing): string {
  return `  Stays as it is:\n${findingsText(left, style, listing)}`;
}

function mendLines({ looks }: ToldRepair, style: Style): string[] {
  const lines = looks.flatMap((look) => {
    const { length, by, before, after, told } = look;
    const gone = length === 0 ? '' : ` - ${bytes(length)}`;
    const come = by === '' ? '' : ` + ${visible(by, 80)}`;
    const place = style.dim(placeOf(look));
    return [
      told === null ? `  ${place}${gone}${come}` : `  ${place}: ${oneLine(told, 600)}`,
      style.red(`    - ${visible(before, 200)}`),
      style.green(`    + ${visible(after, 200)}`),
    ];
  });
  return cut(lines);
}

/** `line 12 (byte 4,711) NUL_RUN`. */
function placeOf({ line, offset, code }: Pick<LostBytes, 'line' | 'offset' | 'code'>): string {
  const byte = `byte ${number(offset)}`;
  const place = line === null ? byte : `line ${number(line)} (${byte})`;
  return code === null ? place : `${place} ${code}`;
}

function lostLines({ lostBytes }: ToldRepair, style: Style): string[] {
  if (lostBytes.length === 0) return [];
  const count = lostBytes.reduce(
    (sum, { kind, length }) => sum + (kind === 'zeros' ? 0 : length),
    0,
  );
  // What is in the way, such as a second value, a person may well read.
  const isInTheWay = lostBytes.every(({ code }) => code === 'MALFORMED_RECORD');
  const who = isInTheWay ? 'no tool can read' : 'nobody can read any more';
  const head =
    count === 0
      ? `  Here something is gone that ${who}:`
      : `  This takes ${bytes(count)} away for good, which ${who}:`;
  const lines = lostBytes.map((lost) => {
    const place = `  ${style.dim(placeOf(lost))}, ${bytes(lost.length)}`;
    if (lost.kind === 'zeros') return `${place} of zeros, where a record may have stood`;
    return `${place} ${style.red(`- ${visible(lost.text, 120)}`)}`;
  });
  return [head, ...cut(lines)];
}

/** On one line, with everything escaped that a terminal would take for something else. */
function visible(text: string, charactersMax: number): string {
  const escaped = oneLine(JSON.stringify(text), charactersMax + 2);
  return escaped.endsWith('"') ? escaped : `${escaped}"`;
}

function cut(lines: readonly string[]): string[] {
  const more = lines.length - linesMax;
  if (more <= 0) return [...lines];
  return [...lines.slice(0, linesMax), `  and ${counted(more, 'more line')}; --json has them all`];
}

/** A line of a plan, coloured as in a diff. */
export function coloured(line: string, style: Style): string {
  if (line.startsWith('- ')) return style.red(`  ${line}`);
  return line.startsWith('+ ') ? style.green(`  ${line}`) : `  ${line}`;
}

function nextStep({ path, repair, refusal }: ToldRepair): string {
  if (refusal !== null) return refusal;
  if (repair.result === null) return '';
  const policy = repair.policy === 'annotate' ? '' : ` --policy ${repair.policy}`;
  const file = placeWords({ path, session: null });
  return `Next: recover apply ${file} --profile ${repair.profile}${policy} --to OUT`;
}
