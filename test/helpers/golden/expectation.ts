/**
 * What everybody is told of a golden store: `recover verify`, `recover run`, and whoever opens its
 * sessions. The machine is simulated, so times and paths are the same everywhere.
 */
import { createHash } from 'node:crypto';
import { HoldfastError } from '../../../src/base/errors.ts';
import { json } from '../../../src/cli/text.ts';
import { recoverWith } from '../../../src/recovery/recover.ts';
import { engineOf, runIn, worldOf } from '../cli.ts';
import { labRoot } from '../recovery-lab.ts';
import type { RecoveryLab } from '../recovery-lab.ts';
import { collect } from '../sim-store.ts';
import { plantStore } from '../store-fixture.ts';
import { emptyLab } from './situation.ts';

/** What one run of the command line printed, as values, and its exit code. */
export interface ToldOf {
  readonly exit: number;
  readonly report: unknown;
  readonly error: unknown;
}

/** The expectation beside a store. Members are JSON values. */
export interface Expectation {
  /** SHA-256 of the text of the store, so that nobody changes it by mistake. */
  readonly sha256: string;
  readonly verify: ToldOf;
  readonly run: ToldOf;
  /** `recover verify` once `recover run` has ended: its exit code, and its findings in short. */
  readonly after: { readonly exit: number; readonly findings: readonly string[] };
  /** By session: its messages, or the error that opening it gives. */
  readonly sessions: unknown;
}

const recoverySeed = 77;

/** The store on a machine of its own, with nobody at work. */
export async function planted(text: string): Promise<RecoveryLab> {
  const lab = await emptyLab(recoverySeed);
  plantStore(lab.disk, text);
  return lab;
}

/** Opens the store in every way. Throws when looking changes it, or ways that must agree do not. */
export async function observe(text: string): Promise<Expectation> {
  const lab = await planted(text);
  const before = lab.content();
  const verify = await recoverTold(lab, 'verify');
  requireSame('files before and after `recover verify`', before, lab.content());
  const recovered = await planted(text);
  const run = await recoverTold(recovered, 'run');
  const healed = recovered.content();
  const second = await recoverTold(recovered, 'run');
  requireSame('files after `recover run` once and twice', healed, recovered.content());
  if (run.error !== null) requireSame('files after a refusal', before, healed);
  if ((second.report as { changed?: boolean } | null)?.changed === true) {
    throw new Error('A second `recover run` says that it changed something');
  }
  const { exit, report } = await recoverTold(recovered, 'verify');
  const { findings = [] } = (report ?? {}) as { findings?: readonly Told[] };
  const ids = idsIn(lab);
  const sessions = await readSessions(lab, ids);
  requireSame('sessions opened before and after', sessions, await readSessions(recovered, ids));
  return plain({
    sha256: createHash('sha256').update(text).digest('hex'),
    verify,
    run,
    after: { exit, findings: findings.map(({ severity, code }) => `${severity} ${code}`) },
    sessions,
  });
}

type Told = Readonly<Record<'severity' | 'code', string>>;

/** The real command line over the machine of this laboratory. */
async function recoverTold(lab: RecoveryLab, command: 'verify' | 'run'): Promise<ToldOf> {
  const engine = engineOf({
    recover: (root, options) => recoverWith(lab.machine.parts(`recover ${command}`), root, options),
  });
  const world = worldOf({ engine });
  const words = ['recover', command, labRoot, '--json'];
  const { code, stdout, stderr } = await lab.machine.run(runIn(world, ...words));
  const value = (printed: string): unknown => (printed === '' ? null : JSON.parse(printed));
  return { exit: code, report: value(stdout), error: value(stderr) };
}

function idsIn(lab: RecoveryLab): readonly string[] {
  const parent = `${labRoot}/sessions/`;
  const directories = lab.disk.paths('directory').filter((path) => path.startsWith(parent));
  return directories.map((path) => path.slice(parent.length));
}

/** Opens each for writing, as an application does; that recovers what dead writers left. */
async function readSessions(lab: RecoveryLab, ids: readonly string[]): Promise<unknown> {
  const { machine } = lab;
  try {
    const store = await machine.open({}, 'application');
    const found: Record<string, unknown> = {};
    for (const id of ids) {
      try {
        const session = await machine.run(store.openSession(id));
        const messages = await machine.run(collect(session.messages()));
        found[id] = messages.map(({ seq, message }) => [seq, message.content]);
      } catch (error) {
        found[id] = errorTold(error);
      }
    }
    await machine.run(store.close());
    return plain(found);
  } catch (error) {
    return plain(errorTold(error));
  }
}

function errorTold(error: unknown): unknown {
  if (!HoldfastError.is(error)) throw error;
  return { code: error.code, message: error.message, details: error.details };
}

/** As it looks in a file of JSON. */
function plain<T>(value: T): T {
  return JSON.parse(json(value)) as T;
}

function requireSame(what: string, one: unknown, other: unknown): void {
  const text = (value: unknown): string =>
    json(value instanceof Map ? [...value.entries()] : value);
  if (text(one) !== text(other))
    throw new Error(`Not the same: ${what}\n${text(one)}\n${text(other)}`.slice(0, 4000));
}
