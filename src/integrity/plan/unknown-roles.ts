/** Messages of roles that no provider knows go on as messages of the user. */
import type { Pass } from './pass.ts';
import { sideOf } from './shapes.ts';

/** Moves what such messages hold into user messages; nothing is lost. */
export const giveKnownRoles: Pass = ({ draft }) => {
  for (const message of draft.messages) {
    if (sideOf(message.role) !== undefined) continue;
    const role = JSON.stringify(message.role.slice(0, 100));
    const told = `The role ${role} is not one that providers know; its words become a user's.`;
    const why = { reason: 'UNKNOWN_ROLE', told } as const;
    if (message.blocks.length > 0) {
      const known = draft.insertMessage(message, 'user', why);
      draft.put(
        known,
        0,
        message.blocks.map((block) => ({ block, source: message, why })),
      );
    }
    draft.removeMessage(message, why);
  }
};
