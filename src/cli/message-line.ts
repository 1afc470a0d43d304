/**
 * A line of JSON as a message, checked as an append would check it, before anything is appended.
 */
import { HoldfastError } from '../base/errors.ts';
import { checkValue } from '../format/value.ts';
import { checkEvent } from '../session/event-check.ts';
import type { Message } from '../session/message.ts';
import type { Line } from './json-lines.ts';

/** The message, or a sentence about why the line is none. */
export function messageOf(line: Line): Message | string {
  if ('fault' in line) return line.fault;
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch (error) {
    // The parser's words quote the place; they are for the person who sent the line.
    const reason = error instanceof Error ? error.message : String(error);
    return `it is not JSON (${reason.slice(0, 200)})`;
  }
  try {
    const event = { kind: 'message', message: value } as const;
    checkEvent(event);
    checkValue(event.message, 'message');
    return event.message;
  } catch (error) {
    if (HoldfastError.is(error, 'INVALID') || HoldfastError.is(error, 'TOO_LARGE')) {
      return error.message;
    }
    throw error;
  }
}
