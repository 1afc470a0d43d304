/**
 * Roo keeps what it condensed and what it cut, with a mark that names the summary or the cut. Such
 * a message is sent no more as long as what its mark names is there; from the last summary on,
 * nothing in front of it is.
 */
import type { JsonObject } from '../json-value.ts';
import { asText } from '../json-value.ts';
import type { Visibility } from '../array-session.ts';

/** The marks of the messages, in their order. */
export function visibleTasks(): Visibility {
  const marks: Marks[] = [];
  return {
    see(value) {
      marks.push(value === null ? {} : marksOf(value));
    },
    hidden() {
      return hiddenBy(marks);
    },
  };
}

interface Marks {
  readonly summary?: string | true;
  readonly cut?: string;
  readonly condensedBy?: string;
  readonly cutBy?: string;
}

function marksOf(value: JsonObject): Marks {
  const text = (name: string): string | undefined => asText(value[name]) ?? undefined;
  const [condensedBy, cutBy] = [text('condenseParent'), text('truncationParent')];
  const cut = value['isTruncationMarker'] === true ? text('truncationId') : undefined;
  return {
    ...(value['isSummary'] === true ? { summary: text('condenseId') ?? true } : {}),
    ...(cut === undefined ? {} : { cut }),
    ...(condensedBy === undefined ? {} : { condensedBy }),
    ...(cutBy === undefined ? {} : { cutBy }),
  };
}

function hiddenBy(marks: readonly Marks[]): ReadonlySet<number> {
  const last = marks.findLastIndex(({ summary }) => summary !== undefined);
  const summaries = new Set(marks.map(({ summary }) => summary));
  const cuts = new Set(marks.map(({ cut }) => cut));
  const hidden = new Set<number>();
  for (const [index, { condensedBy, cutBy }] of marks.entries()) {
    const isCondensed = condensedBy !== undefined && summaries.has(condensedBy);
    const isCut = cutBy !== undefined && cuts.has(cutBy);
    if (index < last || isCondensed || isCut) hidden.add(index);
  }
  return hidden;
}
