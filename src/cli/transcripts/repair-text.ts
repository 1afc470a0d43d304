/** A repair for people, as a diff with its reasons; and the same for programs. */
import { planLines } from '../../integrity/plan/plan-text.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { Style } from '../talk.ts';
import { bytes, counted, number, oneLine } from '../text.ts';
import { findingsText } from './finding-text.ts';
import type { Repair } from './repair.ts';

const linesMax = 400;

/** What is told of a repair. */
export interface ToldRepair {
  readonly path: string;
  readonly transcript: Transcript;
  readonly repair: Repair;
}

/** The members of the JSON form, without its schema. */
export function repairJson(told: ToldRepair): Readonly<Record<string, unknown>> {
  const { path, transcript, repair } = told;
  const { profile, policy, mends, plan } = repair;
  return {
    path,
    format: transcript.format,
    profile,
    policy,
    writable: repair.result !== null,
    mends: mends.map(({ offset, length, bytes: by, why }) => ({
      offset,
      length,
      code: why?.code ?? codeAt(transcript, offset, length),
      by: new TextDecoder().decode(by),
      ...(why === undefined ? {} : { told: why.told }),
    })),
    edits: plan.edits,
    lost: plan.lost,
    unmended: plan.unmended,
    left: repair.left,
  };
}

/** The text; `done` tells it as something that was carried out. */
export function repairText(
  told: ToldRepair,
  style: Style,
  tense: 'planned' | 'done' = 'planned',
): string {
  const { path, transcript, repair } = told;
  const { mends, plan, profile, policy } = repair;
  const head = `${style.bold(oneLine(path, 200))} for ${profile}, ${policy}: `;
  const count = mends.length + plan.edits.length;
  if (count === 0) {
    const stays = [
      ...planLines(repair.messages, plan).map((line) => coloured(line, style)),
      ...(repair.left.length === 0 ? [] : [leftText(repair, style)]),
    ];
    if (stays.length === 0) return `${style.green('✓')} ${head}nothing to do\n`;
    return `${style.red('✗')} ${head}no plan can mend it\n${cut(stays).join('\n')}\n`;
  }
  const will = tense === 'done' ? '' : ' to make';
  const parts = [
    `${style.yellow('●')} ${head}${counted(mends.length, 'mend')} of bytes, ` +
      `${counted(plan.edits.length, 'edit')}${will}`,
    ...mendLines(told, style),
    ...cut(planLines(repair.messages, plan).map((line) => coloured(line, style))),
  ];
  if (repair.left.length > 0) parts.push(leftText(repair, style));
  if (tense === 'planned') parts.push(nextStep(told));
  if (transcript.write === null) {
    parts.push(`${transcript.format} is only read; holdfast import makes a session of it`);
  }
  return `${parts.join('\n')}\n`;
}

/** What stays damaged, so that nobody takes the copy for whole. */
function leftText({ left }: Repair, style: Style): string {
  return `  Stays as it is:\n${findingsText(left, style)}`;
}

/** The finding that a mend answers, by its place. */
function codeAt({ findings }: Transcript, offset: number, length: number): string | null {
  const found = findings.find(({ place }) => {
    if (place?.offset === null || place?.offset === undefined) return false;
    return place.offset <= offset + length && offset <= place.offset + place.length;
  });
  return found?.code ?? null;
}

function mendLines({ transcript, repair: { mends } }: ToldRepair, style: Style): string[] {
  const lines = mends.flatMap(({ offset, length, bytes: by, why }) => {
    const code = why?.code ?? codeAt(transcript, offset, length);
    const place = style.dim(`byte ${number(offset)}${code === null ? '' : ` (${code})`}`);
    const told = why === undefined ? [] : [`  ${place}: ${oneLine(why.told, 600)}`];
    if (length === 0) return [...told, `  ${place} ${style.green(`+ ${visible(by)}`)}`];
    const gone = style.red(`- ${bytes(length)}`);
    const change = by.length === 0 ? '' : ` ${style.green(`+ ${visible(by)}`)}`;
    return [...told, `  ${place} ${gone}${change}`];
  });
  return cut(lines);
}

function visible(by: Uint8Array): string {
  return oneLine(JSON.stringify(new TextDecoder().decode(by)), 80);
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

function nextStep({ path, repair }: ToldRepair): string {
  if (repair.result === null) return '';
  const policy = repair.policy === 'annotate' ? '' : ` --policy ${repair.policy}`;
  const file = oneLine(path, 200);
  return `Next: recover apply ${file} --profile ${repair.profile}${policy} --to OUT`;
}
