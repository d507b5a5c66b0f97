// What the server tells the moment that it happens, numbered: a gap means that something was missed.

import { type ISignal, Signal } from '@lumino/signaling';

import type { StateType } from './wire';

const CHANGE = 'https://events.perijove.dev/change/v1';

/**
 * A deployment, a flow run, or the task runs or artifacts of one changed; `connected`: the target came or went, and
 * anything may have changed.
 */
export interface IChange {
  number: number;
  kind: 'connected' | 'deployment' | 'flow_run' | 'task_runs' | 'artifacts';
  deployment_id?: string;
  flow_run_id?: string;
  name?: string;
  state_type?: StateType;
  state_name?: string;
}

/** The changes among all that Jupyter Server tells. */
export class Changes {
  /** One thing changed. */
  get happened(): ISignal<this, IChange> {
    return this._happened;
  }

  /** Something was missed: what is shown has to be read anew. */
  get missed(): ISignal<this, void> {
    return this._missed;
  }

  /** Something may have been missed without anybody noticing. */
  doubt(): void {
    this._missed.emit();
  }

  /** Take an event of Jupyter Server's. */
  take(event: { schema_id: string }): void {
    if (event.schema_id !== CHANGE) {
      return;
    }
    const change = event as unknown as IChange;
    const isNext = this._last === null || change.number === this._last + 1;
    this._last = change.number;
    if (!isNext || change.kind === 'connected') {
      this._missed.emit();
    } else {
      this._happened.emit(change);
    }
  }

  private readonly _happened = new Signal<this, IChange>(this);
  private readonly _missed = new Signal<this, void>(this);
  private _last: number | null = null;
}
