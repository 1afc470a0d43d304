/** Random histories as the files of several tools, as those would write them. */
import type { Prng } from '../../src/platform/sim/prng.ts';

/** One block. */
export type Part = Readonly<Record<string, unknown>>;
/** Messages of blocks, right or wrong. */
export type History = readonly { readonly role: string; readonly content: readonly Part[] }[];
/** Writes a history as a file. */
export type Making = (history: History, prng: Prng) => string;

const lines = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Records of Claude Code; some answers share an id, and some records follow an odd one. */
export const claude: Making = (history, prng) => {
  const records: object[] = [];
  const isShared = prng.chance(0.2);
  for (const [at, { role, content }] of history.entries()) {
    const type = role === 'assistant' ? role : 'user';
    const id = `msg-${isShared ? prng.below(4) : at}`;
    const isApart = prng.chance(0.6) && content.length > 0;
    for (const blocks of isApart ? content.map((block) => [block]) : [content]) {
      const number = records.length;
      const parent = prng.chance(0.03) ? prng.below(number + 1) : number - 1;
      const parentUuid = number === 0 ? null : `u-${parent}`;
      const message = { role, content: blocks, ...(type === 'user' ? {} : { id, model: 'm' }) };
      const timestamp = new Date(1_700_000_000_000 + number * 1000).toISOString();
      const own = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2' };
      records.push({ parentUuid, ...own, type, message, uuid: `u-${number}`, timestamp });
    }
  }
  return lines(records);
};

/** Messages of Anthropic. */
export const list: Making = (history, prng) => {
  const messages = history.map(({ role, content }) => ({ role, content }));
  if (prng.chance(0.3)) return lines(messages);
  return JSON.stringify(prng.chance(0.5) ? messages : { model: 'claude', messages });
};

function piPart(part: Part): object {
  if (part['type'] !== 'tool_use') return part;
  return { type: 'toolCall', id: part['id'], name: part['name'], arguments: part['input'] };
}

/** Entries of pi, each behind the one before it; a result is one for itself. */
export const pi: Making = (history, prng) => {
  const provider = prng.pick(['anthropic', 'amazon-bedrock']);
  const messages = history.flatMap(({ role, content }): object[] => {
    if (role === 'assistant') {
      const by = { provider, model: 'm', stopReason: prng.pick(['stop', 'aborted']) };
      return [{ role, content: content.map(piPart), ...by }];
    }
    return content.map((part) => {
      if (part['type'] !== 'tool_result') return { role: 'user', content: [part] };
      const { content: said, tool_use_id: toolCallId } = part;
      return { role: 'toolResult', toolCallId, toolName: 'x', content: said };
    });
  });
  const entries = messages.map((message, at) => {
    const parentId = at === 0 ? null : `e${at - 1}`;
    return { type: 'message', id: `e${at}`, parentId, timestamp: 't', message };
  });
  return lines([{ type: 'session', version: 3, id: 's', timestamp: 't', cwd: '/p' }, ...entries]);
};

function textOf(part: Part): string {
  const { text, content } = part;
  if (typeof text === 'string') return text;
  return typeof content === 'string' ? content : JSON.stringify(content ?? '');
}

/** Messages of chat completions; results are messages of their own. */
export const chat: Making = (history, prng) => {
  const messages = history.flatMap(({ role, content }): object[] => {
    const results = content.filter(({ type }) => type === 'tool_result');
    const calls = content.filter(({ type }) => type === 'tool_use');
    const texts = content.filter(({ type }) => type === 'text');
    const said = texts.map((part) => ({ type: 'text', text: textOf(part) }));
    const own = {
      role,
      content:
        said.length === 0 ? null : prng.chance(0.5) ? said : said.map(({ text }) => text).join(''),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ id, name, input }) => ({
              id,
              type: 'function',
              function: { name, arguments: prng.chance(0.1) ? '{"cut' : JSON.stringify(input) },
            })),
          }),
    };
    const answers = results.map((part) => ({
      role: 'tool',
      tool_call_id: part['tool_use_id'],
      content: textOf(part),
    }));
    return content.length > 0 && answers.length === content.length ? answers : [...answers, own];
  });
  if (prng.chance(0.3)) return lines(messages);
  return JSON.stringify(prng.chance(0.5) ? messages : { model: 'gpt', messages });
};

/** Names of calls by their ids. */
function namesIn(history: History): ReadonlyMap<unknown, unknown> {
  const calls = history.flatMap(({ content }) => content.filter(({ type }) => type === 'tool_use'));
  return new Map(calls.map(({ id, name }) => [id, name]));
}

/** Contents of Gemini: calls and responses have ids, none, or only some of them have. */
export const geminiContents: Making = (history, prng) => {
  const names = namesIn(history);
  const often = (): number => prng.pick([0, 0, 0.5, 1, 1]);
  const [called, answered] = [often(), often()];
  const contents = history
    .filter(({ role }) => role !== 'system')
    .map(({ role, content }) => ({
      role: role === 'assistant' ? 'model' : 'user',
      parts: content.map((part): object => {
        if (part['type'] === 'tool_use') {
          const { id, name, input: args } = part;
          return { functionCall: { ...(prng.chance(called) ? { id } : {}), name, args } };
        }
        if (part['type'] !== 'tool_result') return { text: textOf(part) };
        const id = part['tool_use_id'];
        const own = prng.chance(answered) ? { id } : {};
        const response = { output: textOf(part) };
        return { functionResponse: { ...own, name: names.get(id) ?? 'x', response } };
      }),
    }));
  return JSON.stringify(prng.chance(0.5) ? contents : { history: contents });
};

/** Sessions of Gemini CLI, whose results stand in the entries of their calls. */
export const geminiSession: Making = (history, prng) => {
  const results = history.flatMap(({ content }) =>
    content.filter(({ type }) => type === 'tool_result'),
  );
  const messages = history.flatMap(({ role, content }, at): object[] => {
    const own = { id: `m${at}`, timestamp: new Date(1_700_000_000_000 + at * 1000).toISOString() };
    const words = content.filter(({ type }) => type === 'text').map(textOf);
    if (role !== 'assistant') {
      return words.length === 0 ? [] : [{ ...own, type: 'user', content: words.join(' ') }];
    }
    const toolCalls = content
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, name, input: args }) => {
        const found = results.find((part) => part['tool_use_id'] === id);
        const call = { id, name, args, timestamp: own.timestamp };
        if (found === undefined) return { ...call, status: 'executing' };
        const response = { output: textOf(found) };
        return {
          ...call,
          status: 'success',
          result: [{ functionResponse: { id, name, response } }],
        };
      });
    return [{ ...own, type: 'gemini', content: words.join(' '), toolCalls, model: 'gemini-3-pro' }];
  });
  const head = { sessionId: 's', projectHash: 'p', startTime: 't', lastUpdated: 't' };
  if (prng.chance(0.5)) return lines([head, ...messages]);
  return JSON.stringify({ ...head, messages }, null, prng.chance(0.5) ? 2 : 0);
};

/** A rollout of Codex. */
export const codex: Making = (history) => {
  const items = history.flatMap(({ role, content }): object[] =>
    content.map((part): object => {
      if (part['type'] === 'tool_use') {
        const { id, name, input } = part;
        return { type: 'function_call', call_id: id, name, arguments: JSON.stringify(input) };
      }
      if (part['type'] === 'tool_result') {
        return {
          type: 'function_call_output',
          call_id: part['tool_use_id'],
          output: textOf(part),
        };
      }
      const type = role === 'assistant' ? 'output_text' : 'input_text';
      return { type: 'message', role, content: [{ type, text: textOf(part) }] };
    }),
  );
  const record = (type: string, payload: object, at: number): object => ({
    timestamp: new Date(1_700_000_000_000 + at * 1000).toISOString(),
    type,
    payload,
  });
  const meta = { id: 's', timestamp: 't', cwd: '/p', originator: 'codex_cli_rs', cli_version: '1' };
  return lines([
    record('session_meta', meta, 0),
    ...items.map((item, at) => record('response_item', item, at + 1)),
  ]);
};
