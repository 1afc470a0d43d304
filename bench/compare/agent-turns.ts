/** What an agent does in one turn: it is asked, calls a tool, gets its result, and answers. */
import { randomOf } from './random.ts';
import { textOf } from './messages.ts';

/** The texts of a turn; ids are new in every turn. */
export interface AgentTurn {
  readonly callId: string;
  readonly question: string;
  readonly command: string;
  readonly output: string;
  readonly answer: string;
}

const bytes = { question: 200, command: 60, output: 1100, answer: 1100 };
const random = randomOf(3);
const question = textOf(bytes.question, random);
const command = textOf(bytes.command, random);
const output = textOf(bytes.output, random);
const answer = textOf(bytes.answer, random);

/** The turn of this number. */
export function agentTurn(at: number): AgentTurn {
  return { callId: `call_${at}`, question, command, output, answer };
}
