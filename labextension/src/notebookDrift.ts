// Which flows of the open notebook were deployed, and read otherwise now.

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { type ISignal, Signal } from '@lumino/signaling';

import type { Server } from './server';

/** Looks at a notebook when it comes to the front, and whenever it was saved. */
export class NotebookDrift {
  constructor(
    private readonly _server: Server,
    private readonly _tracker: INotebookTracker
  ) {
    _tracker.widgetAdded.connect((_, panel) => {
      panel.context.saveState.connect((_, state) => {
        if (state === 'completed' && panel === _tracker.currentWidget) {
          void this.look();
        }
      });
    });
    _tracker.currentChanged.connect(() => void this.look());
  }

  /** Other functions have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The functions of the notebook in front that have changed since they were deployed. */
  get functions(): readonly string[] {
    return this._functions;
  }

  /** Look at the notebook in front. */
  async look(): Promise<void> {
    const panel = this._tracker.currentWidget;
    const found = panel ? await this._ask(panel) : [];
    if (panel === this._tracker.currentWidget && found.join() !== this._functions.join()) {
      this._functions = found;
      this._changed.emit();
    }
  }

  private async _ask(panel: NotebookPanel): Promise<string[]> {
    await panel.context.ready;
    const path = panel.context.localPath;
    return this._server.ask<string[]>('notebook/changed', { path }).catch(() => []); // a badge is no place for errors
  }

  private readonly _changed = new Signal<this, void>(this);
  private _functions: readonly string[] = [];
}
