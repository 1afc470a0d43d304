/**
 * A turn of an agent: four messages, kept durably as they come. LangGraph's SQLite saver keeps the
 * whole state at every step, and as it ships does not wait for the disk; so it is there twice.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { CaseResult, Row } from '../../report.ts';
import type { Settings } from '../arguments.ts';
import { HoldfastAgent, LangGraphAgent, turnsEach } from '../peers/agents.ts';
import type { Agent } from '../peers/agents.ts';
import { fasterCells, ratiosOf, spreadOf, toldRatio } from '../ratios.ts';
import { planCells, planOf, takeTurns } from '../turns.ts';
import type { Contestant } from '../turns.ts';

/** Times of turns, and what they leave on the disk. */
export async function compareLangGraph(settings: Settings, directory: string): Promise<CaseResult> {
  const agents: readonly Agent[] = [
    await HoldfastAgent.open(join(directory, 'holdfast')),
    await LangGraphAgent.open(join(directory, 'full'), 'FULL'),
    await LangGraphAgent.open(join(directory, 'normal'), 'NORMAL'),
  ];
  const plan = planOf(settings.seconds, agents.length);
  const turns = await takeTurns(agents.map(contestantOf), plan);
  for (const agent of agents) await agent.close();
  const [own] = turns;
  const rows: Row[] = [];
  const findings: string[] = [];
  const numbers: Record<string, number> = {};
  for (const [place, { name, results }] of turns.entries()) {
    const agent = agents[place];
    if (agent === undefined || own === undefined) throw new Error('Nobody took part');
    const faster = ratiosOf(results, own.results);
    const ms = spreadOf(results).median;
    const bytes = bytesBelow(agent.directory) / agent.turns;
    rows.push({
      contestant: name,
      ...fasterCells(faster),
      'ms/turn': ms,
      'bytes/turn': Math.round(bytes),
      turns: agent.turns,
    });
    numbers[`${name}: times as fast`] = faster.median;
    numbers[`${name}: ms per turn`] = ms;
    numbers[`${name}: bytes per turn`] = bytes;
    if (place > 0) {
      const durable = name.endsWith('NORMAL') ? ', which a power cut may take back' : '';
      findings.push(`${toldRatio(faster)} times as fast as ${name}${durable}`);
    }
  }
  const shape = { 'turns of a conversation': turnsEach, ...planCells(plan) };
  return { case: 'langgraph', settings: shape, rows, findings, numbers };
}

/** Answers with the mean time of a turn; conversations go on from slice to slice. */
function contestantOf(agent: Agent): Contestant<number> {
  return {
    name: agent.name,
    slice: async (sliceMs) => {
      const begin = performance.now();
      const before = agent.turns;
      do await agent.turn();
      while (performance.now() - begin < sliceMs);
      return (performance.now() - begin) / (agent.turns - before);
    },
    rest: async () => agent.rest?.(),
  };
}

function bytesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
