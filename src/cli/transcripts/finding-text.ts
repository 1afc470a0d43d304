/** Findings of a transcript for people: where, what, and what would mend it. */
import type { Place } from '../../integrity/conversation.ts';
import type { Severity, TranscriptFinding } from '../../integrity/finding.ts';
import type { Style } from '../talk.ts';
import { counted, number, oneLine, wrapped } from '../text.ts';

const shownMax = 100;
/** Findings of one code that are listed before the others are counted. */
const equalMax = 3;
const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/**
 * How findings are listed: `all` of them, or the first few of each code. `foldable` ones are folded
 * by a command that has --all.
 */
export type Listing = 'all' | 'folded' | 'foldable';

/**
 * Findings, the gravest first and then as they stand in the file. Of one code only the first are
 * listed and the others counted, so that none hides the rest.
 */
export function findingsText(
  findings: readonly TranscriptFinding[],
  style: Style,
  listing: Listing = 'folded',
): string {
  const sorted = findings.toSorted((left, right) => order[left.severity] - order[right.severity]);
  if (listing === 'all') return sorted.map((finding) => findingText(finding, style)).join('\n');
  const hint = listing === 'foldable' ? '--all shows them' : '--json has them';
  const lines: string[] = [];
  let shown = 0;
  const groups = new Map<string, TranscriptFinding[]>();
  for (const finding of sorted) {
    const name = `${finding.severity} ${finding.code}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [finding]);
    else group.push(finding);
  }
  for (const [name, group] of groups) {
    const first = group.slice(0, Math.min(equalMax, Math.max(1, shownMax - shown)));
    shown += first.length;
    for (const finding of first) lines.push(findingText(finding, style));
    const more = group.length - first.length;
    if (more > 0) lines.push(`  and ${counted(more, `more ${name}`, `more ${name}`)}; ${hint}`);
  }
  return lines.join('\n');
}

function findingText(finding: TranscriptFinding, style: Style): string {
  const { code, severity, meaning, fix } = finding;
  const colour = ({ error: 'red', warning: 'yellow', note: 'cyan' } as const)[severity];
  const head = `  ${style[colour](severity)} ${style.bold(code)} ${style.dim(placeText(finding))}`;
  const lines = [head.trimEnd(), wrapped(oneLine(meaning, 600), 4)];
  if (fix !== null) lines.push(style.dim(wrapped(`Fix: ${oneLine(fix, 600)}`, 4)));
  return lines.join('\n');
}

/** `line 12 (byte 4,711), message 5, block 2`, counted from 1 as editors count lines. */
export function placeText({ place, messageIndex, blockIndex }: TranscriptFinding): string {
  const parts: string[] = place === null ? [] : [fileText(place)];
  if (messageIndex !== null) parts.push(`message ${number(messageIndex + 1)}`);
  if (blockIndex !== null) parts.push(`block ${number(blockIndex + 1)}`);
  return parts.filter((part) => part !== '').join(', ');
}

/** Where in the file; for a row of a database, which row. */
function fileText({ offset, line, id }: Place): string {
  const byte = offset === null ? '' : `byte ${number(offset)}`;
  if (line !== null) return `line ${number(line)}${byte === '' ? '' : ` (${byte})`}`;
  if (byte !== '') return byte;
  return id === null ? '' : `record ${oneLine(id, 60)}`;
}

/** `2 errors, 1 warning`, or `nothing found`. */
export function tallyText(findings: readonly TranscriptFinding[]): string {
  const parts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

/** How often each code was found, the gravest and the most frequent first. */
export function codesOf(
  findings: readonly TranscriptFinding[],
): Readonly<Record<string, { readonly severity: Severity; readonly count: number }>> {
  const found = new Map<string, { severity: Severity; count: number }>();
  for (const { code, severity } of findings) {
    const before = found.get(code);
    const gravest = before !== undefined && order[before.severity] <= order[severity];
    found.set(code, {
      severity: gravest ? before.severity : severity,
      count: (before?.count ?? 0) + 1,
    });
  }
  return Object.fromEntries(
    [...found].toSorted(
      ([, left], [, right]) =>
        order[left.severity] - order[right.severity] || right.count - left.count,
    ),
  );
}
