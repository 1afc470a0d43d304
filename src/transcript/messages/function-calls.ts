/**
 * Calls in the form that chat completions had before `tool_calls`, and still take: a
 * `function_call` in a message of the assistant, and a message of role `function` with the result.
 * Neither has an id, so each call gets one by its number in the file, and a result that of the
 * newest call of its name that has none yet.
 */
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText } from '../json-value.ts';

/** What ids that are made begin with. */
const prefix = 'function-';

/** Ids of real calls and results of a message that look like those that are made. */
export function likeMade(message: JsonObject): readonly string[] {
  const calls = asList(message['tool_calls']).map((call) => asObject(call)?.['id']);
  const ids = [...calls, message['tool_call_id'], ...asList(message['tool_call_ids'])];
  return ids.filter((id) => typeof id === 'string' && id.startsWith(prefix)) as string[];
}

/** The ids of such calls, made in the order in which messages are read. */
export class FunctionIds {
  readonly #names = new Map<string, string>();
  readonly #open: { readonly id: string; readonly name: string }[] = [];
  readonly #taken: ReadonlySet<string>;
  #made = 0;

  /** `taken`: ids that real calls of the file have. */
  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken;
  }

  /** The name of each call, by its id. */
  get names(): ReadonlyMap<string, string> {
    return this.#names;
  }

  /** The id of the next call. */
  call(name: string): string {
    const id = this.#next('call');
    this.#names.set(id, name);
    this.#open.push({ id, name });
    return id;
  }

  /** The id of the call that the next result answers; one that no call has where none does. */
  result(name: string | null): string {
    const at = this.#open.findLastIndex((call) => name === null || call.name === name);
    const [call] = at < 0 ? [] : this.#open.splice(at, 1);
    return call?.id ?? this.#next('result');
  }

  #next(what: 'call' | 'result'): string {
    for (;;) {
      this.#made += 1;
      const id = `${prefix}${what}-${this.#made}`;
      if (!this.#taken.has(id)) return id;
    }
  }
}

/** The call in this form; null where there is none, or where it stands beside the newer form. */
export function functionCall(message: JsonObject): JsonObject | null {
  const { tool_calls: calls } = message;
  if (Array.isArray(calls) && calls.length > 0) return null;
  const call = asObject(message['function_call']);
  return asText(call?.['name']) === null ? null : call;
}
