/**
 * Records that stand in the file more than once under one uuid. The official reader believes the
 * last one, without a word; copies of the same content can go.
 */
import { deepJson } from '../../base/deep-json.ts';
import type { Place } from '../../integrity/conversation.ts';
import type { ByteSource } from '../byte-source.ts';
import { parseRecord } from '../decode.ts';
import { writtenJson } from '../json-value.ts';
import { isInexactAt, spelledAt } from '../spelling.ts';
import type { Splice } from '../splice.ts';
import { splicedSource } from '../spliced-source.ts';
import type { Entries } from './entries.ts';
import type { FindingList } from './findings.ts';
import { withoutRecord } from '../line-splices.ts';
import { placeOf, valueOf } from './record-text.ts';

/** What a record says, to the last digit. */
function textOf(source: ByteSource, entries: Entries, node: number): string {
  const value = valueOf(source, entries, node);
  const isInexact = isInexactAt(source, entries.offsets.at(node));
  return isInexact ? writtenJson(value) : (deepJson(value) ?? '');
}

/**
 * Records under the uuid of a changed one that say the same as it once these splices have changed
 * it. They go with the change: what is read behind it holds no copies.
 */
export function copiesAfter(
  { source, entries }: { readonly source: ByteSource; readonly entries: Entries },
  node: number,
  splices: readonly Splice[],
): readonly number[] {
  const others = entries.repeated.get(entries.ids.at(node))?.filter((other) => other !== node);
  if (others === undefined) return [];
  const offset = entries.offsets.at(node);
  const more = splices.reduce((sum, { length, bytes }) => sum + bytes.length - length, 0);
  const bytes = splicedSource(source, splices).read(offset, entries.lengths.at(node) + more);
  const value = spelledAt(source, offset, bytes, parseRecord(bytes));
  const said = isInexactAt(source, offset) ? writtenJson(value) : deepJson(value);
  return others.filter((other) => textOf(source, entries, other) === said);
}

/**
 * Tells every repetition; the splices that take copies out. The first of equal copies stays, where
 * its children and neighbours are, but of the newest record of the conversation the last one: its
 * place in the file is what makes it the newest.
 */
export function repeatedRecords(
  source: ByteSource,
  entries: Entries,
  newest: number,
  findings: FindingList,
): Splice[] {
  const mends: Splice[] = [];
  for (const copies of entries.repeated.values()) {
    const last = copies.at(-1) ?? 0;
    const { uuid } = valueOf(source, entries, last);
    const texts = copies.map((node) => textOf(source, entries, node));
    const final = texts.at(-1);
    const allEqual = texts.every((text) => text === final);
    const stays = allEqual && last !== newest ? copies[0] : last;
    for (const [at, node] of copies.entries()) {
      const place = (): Place => placeOf(entries, node, uuid);
      if (texts[at] !== final) {
        const where = `Line ${entries.lines.at(last)} has other content under the same uuid`;
        const meaning = `${where}, and the tool believes that one.`;
        findings.add('CONFLICTING_RECORD', 'warning', place, meaning, null);
      } else if (node !== stays) {
        const other = entries.lines.at(stays ?? last);
        const where = `This record stands on line ${other} too`;
        const meaning = `${where}, under the same uuid and with the same content.`;
        findings.add('DUPLICATE_RECORD', 'warning', place, meaning, 'Take this copy out.');
        const extent = { offset: entries.offsets.at(node), length: entries.lengths.at(node) };
        mends.push({ ...withoutRecord(source, extent), code: 'DUPLICATE_RECORD' });
      }
    }
  }
  return mends;
}
