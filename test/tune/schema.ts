/**
 * The schema `holdfast.tune/1`, written down a second time: every member with its kind, nothing
 * more and nothing less. What programs read must not change without somebody noticing.
 */

type Rule = (value: unknown, place: string) => readonly string[];

const number: Rule = (value, place) =>
  typeof value === 'number' && Number.isFinite(value) ? [] : [`${place} is no number`];
const text: Rule = (value, place) => (typeof value === 'string' ? [] : [`${place} is no text`]);

const oneOf =
  (...values: readonly unknown[]): Rule =>
  (value, place) =>
    values.includes(value) ? [] : [`${place} is none of ${values.join(', ')}`];
const orNull =
  (rule: Rule): Rule =>
  (value, place) =>
    value === null ? [] : rule(value, place);
const either =
  (...rules: readonly Rule[]): Rule =>
  (value, place) =>
    rules.some((rule) => rule(value, place).length === 0) ? [] : [`${place} fits no rule`];
const list =
  (rule: Rule): Rule =>
  (value, place) =>
    Array.isArray(value)
      ? value.flatMap((one: unknown, at) => rule(one, `${place}[${at}]`))
      : [`${place} is no list`];
const members =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value, place) => {
    if (typeof value !== 'object' || value === null) return [`${place} is no object`];
    const found = value as Readonly<Record<string, unknown>>;
    const foreign = Object.keys(found).filter((name) => !(name in rules));
    return [
      ...foreign.map((name) => `${place}.${name} is not in the schema`),
      ...Object.entries(rules).flatMap(([name, rule]) => rule(found[name], `${place}.${name}`)),
    ];
  };

const spread = members({ median: number, low: number, high: number, rounds: number });
const latency = members({
  count: number,
  p50Ms: number,
  p90Ms: number,
  p99Ms: number,
  maxMs: number,
});
const points = list(members({ at: number, value: spread }));
const knee = members({
  at: number,
  share: number,
  certainty: oneOf('sure', 'unsure'),
  place: oneOf('inside', 'beyond'),
});
const curve = members({ points, knee: orNull(knee) });
const io = members({
  latency: orNull(latency),
  perSecond: orNull(spread),
  sharedPerSecond: orNull(spread),
});
const names = ['syncEntriesMax', 'syncDelayMsMax', 'segmentBytes', 'io'] as const;
const reason = members({ from: oneOf('measured', 'model', 'default'), why: text });

const report = members({
  schema: oneOf('holdfast.tune/1'),
  directory: text,
  node: text,
  load: members({ loadAverage: number, processors: number }),
  seconds: members({ allowed: number, taken: number }),
  bytes: members({ allowed: number, written: number }),
  stopped: orNull(members({ code: oneOf('FULL', 'TIME', 'BYTES'), message: text })),
  disk: members({
    fileSystem: text,
    flush: members({ verdict: oneOf('real', 'doubtful', 'none', 'unknown'), why: text }),
    sync: orNull(latency),
    ready: orNull(latency),
    growing: orNull(latency),
    growth: orNull(spread),
    sizes: points,
    segments: points,
  }),
  engine: members({
    worker: io,
    pool: io,
    sessions: curve,
    batches: curve,
    payloads: curve,
    entries: curve,
    delays: curve,
  }),
  advice: members({
    settings: members({
      syncEntriesMax: number,
      syncDelayMsMax: number,
      segmentBytes: number,
      io: oneOf('worker', 'pool'),
    }),
    reasons: members(Object.fromEntries(names.map((name) => [name, reason]))),
    expected: members({
      textBytes: number,
      durable: orNull(latency),
      durablePerSecond: orNull(spread),
      sharedSessions: number,
      sharedPerSecond: orNull(spread),
      batched: orNull(latency),
      batchedPerSecond: orNull(spread),
    }),
    againstDefaults: orNull(spread),
    exposure: members({ entriesMax: number, delayMsMax: number, told: text }),
  }),
  checks: list(
    members({
      setting: oneOf(...names),
      recommended: either(number, text),
      neighbour: either(number, text),
      ratio: orNull(spread),
      isBetter: oneOf('yes', 'no', 'undecided'),
      why: text,
    }),
  ),
  warnings: list(text),
});

/** What does not fit the schema, with its place; nothing of a report that does. */
export function breaches(value: unknown): readonly string[] {
  return report(value, 'report');
}
