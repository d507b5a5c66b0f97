// The pages in the main area: one a deployment, one a flow run.

import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import type { IChange } from './changes';
import { DeploymentPage } from './components/DeploymentPage';
import { FlowRunPage } from './components/FlowRunPage';
import { DeploymentModel } from './deployment';
import { FlowRun } from './flowRun';
import { deploymentsIcon } from './icons';
import { type ISidebar, SidebarProvider } from './sidebar';

/** What a page shows, kept up to date while the page can be seen. */
interface IModel {
  concerns: (change: IChange) => boolean;
  /** Read everything anew, or what the change is about. */
  follow: (change?: IChange) => Promise<void>;
  stop: () => void;
}

/** A page of the sidebar's in the main area. */
export class Page extends ReactWidget {
  constructor(
    private readonly _sidebar: ISidebar,
    private readonly _model: IModel,
    private readonly _content: JSX.Element,
    private readonly _args: ReadonlyPartialJSONObject
  ) {
    super();
    this.addClass('jp-Perijove-page');
    this.node.tabIndex = -1;
    this.title.icon = deploymentsIcon;
    this.title.closable = true;
    _sidebar.changes.happened.connect(this._onChange, this);
    _sidebar.changes.missed.connect(this._onMissed, this);
  }

  /** The arguments of the command that opens this page again. */
  get restoredBy(): ReadonlyPartialJSONObject {
    return this._args;
  }

  /** The page has another label. */
  get labelled(): ISignal<this, void> {
    return this._labelled;
  }

  /** Name the page's tab. */
  label(words: string): void {
    if (words !== this.title.label) {
      this.title.label = words;
      this._labelled.emit();
    }
  }

  protected override render(): JSX.Element {
    return <SidebarProvider value={this._sidebar}>{this._content}</SidebarProvider>;
  }

  // What has the focus is what commands without arguments are about.
  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    if (!this.node.contains(document.activeElement)) {
      this.node.focus({ preventScroll: true });
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this._model.follow();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._model.stop();
  }

  override dispose(): void {
    this._model.stop();
    Signal.clearData(this);
    super.dispose();
  }

  private _onChange(_: unknown, change: IChange): void {
    if (this._model.concerns(change)) {
      this._follow(change);
    }
  }

  private _onMissed(): void {
    this._follow();
  }

  private _follow(change?: IChange): void {
    if (this.isVisible && !document.hidden) {
      void this._model.follow(change);
    }
  }

  private readonly _labelled = new Signal<this, void>(this);
}

/** The page of a deployment. */
export function deploymentPage(sidebar: ISidebar, deployment_id: string, name: string): Page {
  const model = new DeploymentModel(sidebar.server, deployment_id);
  const page = new Page(sidebar, model, <DeploymentPage model={model} name={name} />, { deployment_id, name });
  page.id = `perijove-deployment-${deployment_id}`;
  page.label(name);
  return page;
}

/** The page of a flow run. */
export function flowRunPage(sidebar: ISidebar, flow_run_id: string): Page {
  const model = new FlowRun(sidebar.server, flow_run_id);
  const page = new Page(sidebar, model, <FlowRunPage model={model} />, { flow_run_id });
  page.id = `perijove-flow-run-${flow_run_id}`;
  page.label(sidebar.trans.__('Run'));
  model.changed.connect(({ flow_run }) => page.label(flow_run?.name ?? page.title.label));
  return page;
}
