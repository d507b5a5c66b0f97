// The panel in the left sidebar.

import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';
import React from 'react';

import { DeploymentList } from './components/DeploymentList';
import { PanelHead } from './components/PanelHead';
import { deploymentsIcon } from './icons';
import { type ISidebar, SidebarProvider } from './sidebar';

/** The deployments, in the sidebar. It asks for nothing until it is shown. */
export class DeploymentsPanel extends Panel {
  constructor(private readonly _sidebar: ISidebar) {
    super();
    const { trans } = _sidebar;
    this.id = 'perijove-deployments';
    this.title.icon = deploymentsIcon;
    this.title.caption = trans.__('Deployments');
    this.addClass('jp-Perijove-panel');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Deployments'));
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    const first = this.node.querySelector<HTMLElement>('[type=search], .jp-Perijove-notice button');
    (first ?? this.node).focus();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._begin();
  }

  // Notebook may show its left side before the panel is in it.
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this._begin();
    }
  }

  private _begin(): void {
    if (!this._content) {
      this._content = ReactWidget.create(
        <SidebarProvider value={this._sidebar}>
          <PanelHead />
          <DeploymentList />
        </SidebarProvider>
      );
      this._content.addClass('jp-Perijove-content');
      this.addWidget(this._content);
    }
    void this._sidebar.deployments.refresh();
  }

  private _content: ReactWidget | null = null;
}
