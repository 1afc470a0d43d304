/** The library: `holdfast`. */
export { Store } from './store/store.ts';
export { recover } from './recovery/recover.ts';
export { acceptLoss } from './recovery/accept-loss.ts';
export { salvage } from './recovery/salvage.ts';
export { dump } from './recovery/dump.ts';
export type { DumpedFile, DumpedFrame, DumpLine } from './recovery/dump.ts';
export { HoldfastError } from './base/errors.ts';
export { channelNames } from './base/channels.ts';
export type * from './base/channels.ts';
export type * from './store/metrics-api.ts';
export { validate } from './store/validate.ts';
export { SmartCheckpointer, formatStats, triggers } from './checkpoint/checkpointer.ts';
export { commonTools } from './checkpoint/tools.ts';
export type {
  CheckpointHost,
  CheckpointStats,
  SpacingSettings,
} from './checkpoint/checkpointer.ts';
export type { ToolTable } from './checkpoint/tools.ts';
export type { TopicSettings } from './checkpoint/topic.ts';
export type { CheckpointOptions } from './store/checkpoint-options.ts';
export type {
  AnyHoldfastError,
  ErrorCode,
  ErrorDetails,
  LockOwner,
  SeqRange,
} from './base/errors.ts';
export type {
  AppendOptions,
  CreateSessionOptions,
  Durability,
  FollowOptions,
  MessageReadOptions,
  OpenSessionOptions,
  ReadMessage,
  ReadOptions,
  RecoveryNotice,
  Session,
  SessionSummary,
  StoreApi,
  StoreOptions,
} from './store/api.ts';
export type * from './store/restore-api.ts';
export type * from './session/message.ts';
export type * from './session/event.ts';
export type * from './session/state.ts';
export type * from './recovery/report.ts';
export type * from './recovery/options.ts';
export type * from './integrity/validation.ts';
