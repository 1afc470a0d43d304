/** How sure it is that records were written by Claude Code, from their members alone. */
import { isObject, typeOf } from './entry.ts';

/** Records that stand beside the conversation, and a member that each of them has. */
const beside: Readonly<Record<string, string>> = {
  summary: 'leafUuid',
  'file-history-snapshot': 'snapshot',
  'file-history-delta': 'messageId',
  'queue-operation': 'operation',
  'last-prompt': 'leafUuid',
  'ai-title': 'aiTitle',
  'custom-title': 'customTitle',
  'agent-name': 'agentName',
  'permission-mode': 'permissionMode',
  mode: 'mode',
  'pr-link': 'prUrl',
  'worktree-state': 'worktreeSession',
  'content-replacement': 'replacements',
  relocated: 'relocatedCwd',
};

/** 0 is no, 1 is certain: records of a conversation count whole, those beside it nearly. */
export function recognise(first: readonly unknown[]): number {
  let best = 0;
  for (const value of first) {
    if (!isObject(value)) continue;
    if (typeOf(value) !== 0 && typeof value['uuid'] === 'string') {
      const linked = value['parentUuid'] === null || typeof value['parentUuid'] === 'string';
      const session = typeof value['sessionId'] === 'string';
      best = Math.max(best, linked && session ? 1 : linked || session ? 0.8 : 0.4);
    }
    const { type } = value;
    const member = typeof type === 'string' && Object.hasOwn(beside, type) ? beside[type] : null;
    if (typeof member === 'string' && Object.hasOwn(value, member)) best = Math.max(best, 0.7);
  }
  return best;
}
