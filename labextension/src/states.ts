// How the states of runs look and what they allow: a sign beside every colour, so that none is told by colour alone.

import type { StateType } from './wire';

/** A state's look: `tone` is a CSS modifier, `sign` a character. */
export interface ILook {
  tone: 'good' | 'bad' | 'busy' | 'calm' | 'waiting';
  sign: string;
}

const LOOKS: Record<StateType, ILook> = {
  SCHEDULED: { tone: 'waiting', sign: '◷' },
  PENDING: { tone: 'waiting', sign: '…' },
  RUNNING: { tone: 'busy', sign: '▸' },
  COMPLETED: { tone: 'good', sign: '✓' },
  FAILED: { tone: 'bad', sign: '✕' },
  CRASHED: { tone: 'bad', sign: '!' },
  CANCELLED: { tone: 'calm', sign: '–' },
  CANCELLING: { tone: 'calm', sign: '…' },
  PAUSED: { tone: 'waiting', sign: '‖' }
};

const FINAL: readonly StateType[] = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'];

/** How a state looks. */
export function lookOf(type: StateType | null): ILook {
  return type ? LOOKS[type] : { tone: 'waiting', sign: '?' };
}

/** Whether a state ends a run. */
export function isFinal(type: StateType | null): boolean {
  return type !== null && FINAL.includes(type);
}

/** Whether a run in this state can be cancelled. */
export function canCancel(type: StateType | null): boolean {
  return !isFinal(type) && type !== 'CANCELLING';
}

/** Whether a run that ended in this state is worth another try as it is. */
export function canRetry(type: StateType | null): boolean {
  return type === 'FAILED' || type === 'CRASHED' || type === 'CANCELLED';
}
