/** What the rows of a run over mutants say together. */

/** Whether a test noticed it. What does not end was noticed, as in Stryker. */
export function isDetected({ status }) {
  return status === 'killed' || status === 'timeout';
}

/** The 95 % interval of a share, after Wilson. */
export function wilson(hits, of) {
  const z = 1.959964;
  const share = hits / of;
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half =
    (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return [middle - half, middle + half];
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

function lineOf(name, rows) {
  const valid = rows.filter(({ status }) => status !== 'invalid');
  if (valid.length === 0) return `${name}: none`;
  const hits = valid.filter(isDetected).length;
  const [low, high] = wilson(hits, valid.length);
  const interval = `${percent(low)} to ${percent(high)}`;
  return `${name}: ${hits} of ${valid.length} noticed, ${percent(hits / valid.length)} (${interval})`;
}

/** The score, in all, by folder and by kind of change. */
export function summaryOf(rows) {
  const by = (name) => {
    const groups = grouped(rows, name);
    const keys = [...groups.keys()].sort((one, other) => (one < other ? -1 : 1));
    return keys.map((key) => `  ${lineOf(key, groups.get(key))}`);
  };
  const seconds = rows.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  const counts = [...grouped(rows, ({ status }) => status)].map(
    ([key, all]) => `${key} ${all.length}`,
  );
  return [
    lineOf('All', rows),
    ...by(({ file }) => file.split('/')[1]),
    ...by(({ mutatorName }) => mutatorName),
    `${counts.join(', ')}; ${(seconds / rows.length).toFixed(1)} s each`,
  ].join('\n');
}

function grouped(rows, name) {
  const groups = new Map();
  for (const row of rows) groups.set(name(row), [...(groups.get(name(row)) ?? []), row]);
  return groups;
}
