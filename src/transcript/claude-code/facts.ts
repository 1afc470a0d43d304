/** What a file says of itself; of everything that changes, the newest word. */
import type { TranscriptFacts } from '../transcript.ts';
import type { JsonObject } from './entry.ts';
import { textOf } from './entry.ts';
import { modelOf } from './record-text.ts';

/** Gathers the facts while the file is read. */
export class FactGatherer {
  #sessionId: string | null = null;
  #cwd: string | null = null;
  #version: string | null = null;
  #model: string | null = null;
  #customTitle: string | null = null;
  #aiTitle: string | null = null;
  #summary: string | null = null;

  /** Looks at one record. */
  see(value: JsonObject): void {
    this.#sessionId = textOf(value['sessionId']) ?? this.#sessionId;
    this.#cwd = textOf(value['cwd']) ?? this.#cwd;
    this.#version = textOf(value['version']) ?? this.#version;
    switch (value['type']) {
      case 'assistant':
        this.#model = modelOf(value) ?? this.#model;
        return;
      case 'custom-title':
        this.#customTitle = textOf(value['customTitle']) ?? this.#customTitle;
        return;
      case 'ai-title':
        this.#aiTitle = textOf(value['aiTitle']) ?? this.#aiTitle;
        return;
      case 'summary':
        this.#summary = textOf(value['summary']) ?? this.#summary;
        return;
      default:
    }
  }

  /** The facts so far; a title that the user gave goes first. */
  facts(): TranscriptFacts {
    return {
      sessionId: this.#sessionId,
      title: this.#customTitle ?? this.#aiTitle ?? this.#summary,
      cwd: this.#cwd,
      version: this.#version,
      model: this.#model,
    };
  }
}
