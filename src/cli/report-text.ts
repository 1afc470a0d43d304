/**
 * The report of recovery for people: what became of the store, then only those sessions, writers
 * and findings that somebody has to know about, then what to do. Exact: every number is one of the
 * report.
 */
import { shellWord } from '../page/shell-word.ts';
import { unreachable } from '../base/assert.ts';
import type {
  Finding,
  RecoveryReport,
  SessionReport,
  StoreVerdict,
  WriterReport,
} from '../recovery/report.ts';
import type { Style } from './talk.ts';
import { bytes, counted, number, oneLine, range, rangeCount, ranges } from './text.ts';

const findingsMax = 40;

/** The whole report, with a line end. */
export function reportText(report: RecoveryReport, style: Style): string {
  const { sessions, writers, findings } = report;
  const telling = sessions.filter(isTelling);
  const parts = [
    `${mark(report.verdict, style)} ${style.bold(report.root)}: ${verdictText(report)}`,
    ...telling.map((session) => sessionText(session, style)),
  ];
  const calm = sessions.length - telling.length;
  const others = telling.length === 0 ? '' : 'other ';
  if (calm > 0) parts.push(`  ${counted(calm, `${others}session`)}, nothing to tell`);
  const odd = writers.filter(({ state }) => state !== 'closed');
  if (odd.length > 0) parts.push(odd.map((writer) => writerText(writer)).join('\n'));
  const worth = findings.filter(({ severity, code }) => {
    return severity !== 'info' || code === 'LOSS_ACCEPTED';
  });
  if (worth.length > 0) parts.push(findingsText(worth, style));
  parts.push(unreadText(report), nextStep(report));
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}

/** Findings, one a line, the gravest first; many of them are counted, not listed. */
export function findingsText(findings: readonly Finding[], style: Style): string {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const rest = findings.filter(({ severity }) => severity !== 'error');
  const lines = [...errors, ...rest].slice(0, findingsMax).map((finding) => {
    const { code, file, offset, message, severity } = finding;
    const place = file === null ? '' : ` ${file}${offset === null ? '' : ` at ${offset}`}`;
    const name = severity === 'error' ? style.red(code) : style.yellow(code);
    return `  ${name}${place}: ${oneLine(message, 300)}`;
  });
  const more = findings.length - lines.length;
  if (more > 0) lines.push(`  and ${counted(more, 'more finding')}; --json has them all`);
  return lines.join('\n');
}

function mark(verdict: StoreVerdict, style: Style): string {
  if (verdict === 'clean' || verdict === 'healed') return style.green('✓');
  return verdict === 'healable' ? style.yellow('●') : style.red('✗');
}

/** The verdict in words that go on behind the name of the store. */
export function verdictText(report: RecoveryReport): string {
  const { verdict, sessions, findings, changed } = report;
  const doubt = sessions.some(({ inDoubt }) => inDoubt !== null)
    ? '; some entries are in doubt'
    : '; nothing that was acknowledged is lost';
  switch (verdict) {
    case 'clean':
      return 'clean';
    case 'healable':
      return `a writer stopped without closing${doubt}`;
    case 'healed':
      return `healed${doubt}`;
    case 'damaged': {
      const count = sessions.filter((session) => session.verdict === 'damaged').length;
      if (causeOfDamage(report) === 'misplaced') {
        return 'something stands in the wrong place, and shuts what is named below; the rest may be used';
      }
      const which = count === 0 ? 'damaged' : `${counted(count, 'session')} damaged`;
      const homeless = isSetAside(findings) ? '; some entries are in no session any more' : '';
      return `${which}${homeless}; everything else ${changed ? 'was healed and ' : ''}may be used`;
    }
    case 'unsupported':
      return 'written by a newer version of Holdfast; nothing was touched';
    case 'unreadable':
      return 'the machine refused a read; nothing was judged by what could not be read';
    default:
      return unreachable(verdict);
  }
}

/** True when somebody removed or replaced a session under a journal that held entries of it. */
export function isSetAside(findings: readonly Finding[]): boolean {
  return findings.some(({ code }) => code === 'SET_ASIDE');
}

function isTelling(session: SessionReport): boolean {
  const { verdict, kept, inDoubt, lost, unknownOutcomes } = session;
  if (kept.length > 0 || inDoubt !== null) return true;
  return verdict !== 'clean' || lost.length > 0 || unknownOutcomes.length > 0;
}

function sessionText(session: SessionReport, style: Style): string {
  const { id, messages, lastSeq, kept, inDoubt, lost, unknownOutcomes } = session;
  const lines = [
    `  ${style.bold(id)}  ${session.verdict}, ${counted(messages, 'message')}, last seq ${lastSeq}`,
  ];
  const tell = (what: string, text: string): number => lines.push(`    ${what.padEnd(9)} ${text}`);
  if (kept.length > 0) {
    const count = kept.reduce((sum, one) => sum + (rangeCount(one) ?? 0), 0);
    const many = counted(count, 'entry', 'entries');
    tell('kept', `seq ${ranges(kept)} (${many}), found in the journal, behind the history`);
  }
  if (inDoubt !== null) {
    tell(
      style.yellow('in doubt'),
      `seq ${range(inDoubt)}, cut: unfinished, and no evidence that it was acknowledged`,
    );
  }
  if (lost.length > 0) {
    const isOpen = lost.some(({ to }) => to === null);
    const what = isOpen ? 'what of it was acknowledged nobody can tell' : 'which was acknowledged';
    tell(style.red('lost'), `seq ${ranges(lost)}${isOpen ? ';' : ','} ${what}`);
  }
  for (const call of unknownOutcomes) {
    const name = `${oneLine(call.name, 60)} (${oneLine(call.callId, 60)}, seq ${call.seq})`;
    tell('unknown', `${name} was about to run: it may or may not have happened`);
  }
  return lines.join('\n');
}

function writerText(writer: WriterReport): string {
  const { state, owner, cut, verdict } = writer;
  const pid = owner?.pid ?? null;
  const who = pid === null ? '' : ` (process ${pid})`;
  const name = `  writer ${writer.writer.slice(0, 8)}${who}`;
  if (state === 'live') return `${name} is at work; its journal was left alone`;
  const torn =
    cut.bytes === 0
      ? ''
      : `, torn tail of ${bytes(cut.bytes)} (${number(cut.bytes)} bytes) ` +
        `with ${counted(cut.entries, 'recognised entry', 'recognised entries')}`;
  return `${name} ${state}, ${verdict}: ${reachText(writer)}${torn}`;
}

/** How far the journal can be read, and how far it was synced: less is damage. */
function reachText({ lastSeq, durableMark, verdict }: WriterReport): string {
  if (verdict === 'damaged' && lastSeq === 0) {
    const synced = durableMark === 0 ? '' : `, and it was synced to seq ${durableMark}`;
    return `its journal is damaged from its beginning${synced}`;
  }
  if (lastSeq >= durableMark) return `journal seq ${lastSeq}, synced to ${durableMark}`;
  return `journal whole to seq ${lastSeq} only, and it was synced to seq ${durableMark}`;
}

/** What this look could not see must not be taken for what is not there. */
function unreadText({ historiesRead, sessions, root }: RecoveryReport): string {
  if (historiesRead || sessions.length === 0) return '';
  return (
    'Settled histories were not read: rot in them, and unknown outcomes of sessions that were\n' +
    `opened since the crash, are told by \`recover verify ${shellWord(root)}\`.`
  );
}

/**
 * What damage asks for: sessions are to be got out, or only entries without one, or somebody has
 * to put right what stands in the wrong place.
 */
export function causeOfDamage({
  findings,
  sessions,
}: RecoveryReport): 'session' | 'set-aside' | 'misplaced' {
  const isMissing = findings.some(({ code }) => code === 'BELOW_EXPECTED');
  if (isMissing || sessions.some(({ verdict }) => verdict === 'damaged')) return 'session';
  if (isSetAside(findings)) return 'set-aside';
  const isMisplaced = findings.some(({ code, severity }) => {
    return code === 'STRAY_FILE' && severity === 'error';
  });
  return isMisplaced ? 'misplaced' : 'session';
}

function nextStep(report: RecoveryReport): string {
  const { verdict, root, sessions, bytesNeeded, changed } = report;
  const at = shellWord(root);
  switch (verdict) {
    case 'clean':
    case 'healed':
      return sessions.some(({ unknownOutcomes }) => unknownOutcomes.length > 0)
        ? 'Next: see what the unknown calls did. No command tells it to the session: the program that\n' +
            '      runs the agent does, with `session.complete`.'
        : 'Next: nothing has to be done.';
    case 'healable': {
      const room = bytesNeeded > 0 ? ` (needs ${bytes(bytesNeeded)})` : '';
      return `Next: \`recover run ${at}\` carries this out${room}. Nothing was changed.`;
    }
    case 'damaged': {
      const cause = causeOfDamage(report);
      if (cause === 'misplaced') {
        return 'Next: put right what stands in the wrong place, as said above, then look again.';
      }
      if (cause === 'set-aside') {
        return changed
          ? 'Next: the entries that are in no session any more stand in quarantine/ now;\n' +
              '      `recover dump` reads the files there. Find out who took the session away.'
          : `Next: \`recover salvage ${at} --to NEWDIR\` gets out the entries that are in no session\n` +
              `      any more; \`recover run ${at}\` sets them aside in quarantine/.`;
      }
      const hurt = sessions.find((session) => session.verdict === 'damaged');
      const id = hurt?.id ?? 'ID';
      return (
        `Next: \`recover salvage ${at} --to NEWDIR\` gets out all that can be had, or\n` +
        `      \`recover accept-loss ${at} --session ${id}\` says what going on without it gives up.`
      );
    }
    case 'unsupported':
      return 'Next: upgrade Holdfast.';
    case 'unreadable':
      return 'Next: see to the disk or the permissions, then look again.';
    default:
      return unreachable(verdict);
  }
}
