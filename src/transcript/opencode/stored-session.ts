/** A transcript out of the messages of one session of opencode. */
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { JsonObject } from '../json-value.ts';
import { textOf } from '../json-value.ts';
import { profileOf } from '../provider-profile.ts';
import type { Splice } from '../splice.ts';
import type { Transcript } from '../transcript.ts';
import { messagesOf, modelOf, providerOf } from './message-words.ts';
import type { SentMessages, StoredMessage } from './session.ts';
import { markOf, sentMessages } from './session.ts';

/** What a session is made of, whatever it was read from. */
export interface StoredParts {
  /** What the tool knows of the session itself; empty where that was lost. */
  readonly session: JsonObject;
  /** In the order of the tool. */
  readonly messages: readonly StoredMessage[];
  readonly findings: readonly TranscriptFinding[];
  readonly mends: readonly Splice[];
}

/** Puts the transcript together; every message is looked at once. */
export function storedTranscript({ session, messages, findings, mends }: StoredParts): Transcript {
  const marks = messages.map(markOf);
  const sent = sentMessages(marks, session);
  const last = messages.findLast((message) => providerOf(message.info()) !== null);
  const info = last?.info() ?? {};
  return {
    format: 'opencode',
    profile: profileOf(providerOf(info)),
    records: messages.length,
    facts: {
      sessionId: textOf(session, 'id'),
      title: textOf(session, 'title'),
      cwd: textOf(session, 'directory'),
      version: textOf(session, 'version'),
      model: modelOf(info),
    },
    findings,
    sides: sent.sides,
    conversation: () => conversation(sent),
    mends,
    write: null,
  };
}

function* conversation({ messages, cutPart }: SentMessages): Generator<PlacedMessage, void> {
  for (const message of messages) {
    const parts = message.parts();
    const isCut = cutPart !== null && cutPart.messageId === message.id;
    const end = isCut ? parts.findIndex(({ place }) => place.id === cutPart.partId) : -1;
    yield* messagesOf(message, end < 0 ? parts : parts.slice(0, end));
  }
}
