/** What an import tells: to people in a few lines, to programs as one object. */
import { unreachable } from '../../base/assert.ts';
import type { Talk } from '../talk.ts';
import { counted, json, number, oneLine, wrapped } from '../text.ts';
import { codesOf, findingsText } from '../transcripts/finding-text.ts';
import { withLatinHint } from '../transcripts/latin-hint.ts';
import type { Joined } from './joined.ts';
import type { Standing } from './standing.ts';

/** The schema of the object. */
export const importSchema = 'holdfast.import/1';

/** What was done, or would be. */
export interface Imported {
  readonly kind: 'imported';
  readonly session: string;
  readonly store: string;
  readonly file: string;
  readonly joined: Joined;
  readonly standing: Standing;
  readonly isDry: boolean;
  readonly messages: number;
  readonly calls: number;
  /** By this run. */
  readonly appended: number;
}

/** A part that was removed. */
export interface Removed {
  readonly kind: 'removed';
  readonly session: string;
  readonly store: string;
  /** Messages that it had. */
  readonly removed: number;
}

/** Tells of a part that was removed. */
export async function tellRemoved(talk: Talk, told: Removed): Promise<void> {
  if (talk.json) await talk.data(`${json({ schema: importSchema, ...told })}\n`);
  else await talk.say(`${told.session} is removed: ${counted(told.removed, 'message')}`);
}

/** Tells what was imported. */
export async function tellImport(talk: Talk, imported: Imported): Promise<void> {
  const { joined, standing, isDry, messages, ...rest } = imported;
  const { joints, broken } = joined;
  const { format, records, facts } = joined.read;
  const findings = withLatinHint(joined.read.findings);
  const { sides } = joined.taken;
  if (talk.json) {
    const told = { schema: importSchema, ...rest, messages, dryRun: isDry, format, records, facts };
    const complete = !isDry || standing.kind === 'complete';
    const found = { sides, codes: codesOf(findings), findings, joints, broken };
    await talk.data(`${json({ ...told, standing: standing.kind, complete, ...found })}\n`);
    return;
  }
  const worth = findings.filter(({ severity }) => severity !== 'note');
  if (worth.length > 0) {
    await talk.warn(`${format} file, read as far as it can be:`);
    await talk.warn(findingsText(worth, talk.aside));
  }
  await tellJoints(talk, joined);
  const aside = sides.reduce((sum, side) => sum + side.messages, 0);
  if (aside > 0) {
    await talk.say(`${counted(aside, 'message')} beside the conversation stayed in the file`);
  }
  await talk.say(sentence(imported));
}

/** Joints that are told one by one; `recover plan` has them all. */
const jointsTold = 10;

async function tellJoints(talk: Talk, { joints, broken }: Joined): Promise<void> {
  if (joints.length === 0) return;
  const count = counted(joints.length, 'link');
  await talk.warn(`${count} made anew, so that what stands in front of a break is taken too:`);
  for (const { line, told } of joints.slice(0, jointsTold)) {
    const place = line === null ? '' : `line ${number(line)}: `;
    await talk.warn(wrapped(`${place}${oneLine(told ?? '', 600)}`, 4));
  }
  const more = joints.length - jointsTold;
  if (more > 0) await talk.warn(`  and ${counted(more, 'more link')}; --json has them`);
  if (broken.length === 0) return;
  await talk.warn('What stays broken, and is not taken:');
  await talk.warn(findingsText(broken, talk.aside));
}

function sentence(imported: Imported): string {
  const { session, standing, isDry, messages, calls, appended, joined } = imported;
  const { facts, format } = joined.read;
  const { model } = facts;
  const by = model === null ? '' : `, ${oneLine(model, 60)}`;
  const all = `${counted(messages, 'message')} with ${counted(calls, 'call')} (${format}${by})`;
  switch (standing.kind) {
    case 'complete':
      return `${session} has all of it already: ${all}; nothing to do`;
    case 'part': {
      const left = number(messages - standing.done);
      const there = `${number(standing.done)} are there already`;
      if (isDry) return `Would go on with ${session}: ${all}; ${there}, ${left} to come`;
      return `${session} is complete: ${all}; ${there}, ${number(appended)} appended`;
    }
    case 'new':
      return isDry ? `Would make ${session}: ${all}` : `${session} is made: ${all}`;
    default:
      return unreachable(standing);
  }
}
