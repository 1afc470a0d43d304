/**
 * What a run has found, told as soon as it is known: the environment at once and each case when it
 * is done. With `--json` it is one object at the end; an end that comes early, by a failure or a
 * signal, still tells the cases that are done. Everything is synchronous, since signals end a run.
 */
import type { Environment } from './environment.ts';
import type { Explained } from './failure.ts';
import { failureText } from './failure.ts';
import { reportHtml } from './html.ts';
import type { NewPage } from './new-page.ts';
import type { Progress } from './progress.ts';
import { caseText, environmentText, warningsOf } from './report.ts';
import type { BenchReport, CaseResult } from './report.ts';

/** Where it goes. */
export interface Places {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly format: 'json' | 'text';
  readonly page: NewPage | null;
  readonly progress: Progress;
}

/** One for each run. */
export class Teller {
  readonly #environment: Environment;
  readonly #places: Places;
  readonly #cases: CaseResult[] = [];
  #running: string | null = null;
  #isOver = false;

  constructor(environment: Environment, places: Places) {
    this.#environment = environment;
    this.#places = places;
    if (places.format === 'text') places.stdout.write(environmentText(environment));
  }

  /** A case begins; what fails from now on is its failure. */
  begin(name: string): void {
    this.#running = name;
  }

  /** It is done. */
  done(result: CaseResult): void {
    this.#running = null;
    this.#cases.push(result);
    this.#places.progress.clear();
    if (this.#places.format === 'text') this.#places.stdout.write(caseText(result));
  }

  /** The end: the results first, so that a page that cannot be written costs none of them. */
  end(why: Explained | null): void {
    // A signal may come when everything is told already.
    if (this.#isOver) return;
    this.#isOver = true;
    const { stdout, stderr, format, page, progress } = this.#places;
    progress.clear();
    const of = this.#running;
    const failure = why === null ? null : { case: of, message: why.message, exit: why.exit };
    const report: BenchReport = {
      schema: 'holdfast.bench/1',
      environment: this.#environment,
      warnings: warningsOf(this.#environment),
      cases: this.#cases,
      failure,
    };
    if (format === 'json') stdout.write(`${JSON.stringify(report)}\n`);
    if (why !== null) stderr.write(failureText('bench', why, of));
    if (this.#cases.length > 0) page?.write(reportHtml(report));
  }
}
