// What runs' states are called, in the user's language.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { StateType } from './wire';

/** A state's name in the user's language; one that a flow's author made up stays as it is. */
export function stateWords(name: string | null, trans: TranslationBundle): string {
  return name === null ? trans.__('unknown') : (namesOf(trans)[name] ?? name);
}

function namesOf(trans: TranslationBundle): Record<string, string | undefined> {
  return {
    Scheduled: trans.__('Scheduled'),
    Late: trans.__('Late'),
    Resuming: trans.__('Resuming'),
    Pending: trans.__('Pending'),
    Submitting: trans.__('Submitting'),
    AwaitingRetry: trans.__('Awaiting retry'),
    AwaitingConcurrencySlot: trans.__('Awaiting a free slot'),
    Running: trans.__('Running'),
    Retrying: trans.__('Retrying'),
    Completed: trans.__('Completed'),
    Cached: trans.__('Cached'),
    Failed: trans.__('Failed'),
    TimedOut: trans.__('Timed out'),
    Crashed: trans.__('Crashed'),
    Cancelling: trans.__('Cancelling'),
    Cancelled: trans.__('Cancelled'),
    Paused: trans.__('Paused'),
    Suspended: trans.__('Suspended'),
    NotReady: trans.__('Not ready')
  };
}

/** What runs in states of a type are, in the user's language. */
export function typeWords(type: StateType, trans: TranslationBundle): string {
  return {
    SCHEDULED: trans.__('scheduled'),
    PENDING: trans.__('pending'),
    RUNNING: trans.__('running'),
    COMPLETED: trans.__('completed'),
    FAILED: trans.__('failed'),
    CANCELLED: trans.__('cancelled'),
    CRASHED: trans.__('crashed'),
    PAUSED: trans.__('paused'),
    CANCELLING: trans.__('being cancelled')
  }[type];
}
