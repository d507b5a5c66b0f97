// The panel in the left sidebar.

import { ReactWidget, refreshIcon, Toolbar, ToolbarButton } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import React from 'react';

import { CommandIDs } from './commands';
import { DeploymentList } from './components/DeploymentList';
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
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Deployments'));
    this.addWidget(toolbar(_sidebar));
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    if (!this._content) {
      this._content = ReactWidget.create(
        <SidebarProvider value={this._sidebar}>
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

function toolbar({ commands, trans }: ISidebar): Toolbar {
  const title = new Widget({ node: document.createElement('h2') });
  title.node.textContent = trans.__('Deployments');
  const refresh = new ToolbarButton({
    icon: refreshIcon,
    tooltip: trans.__('Refresh'),
    onClick: () => void commands.execute(CommandIDs.refresh)
  });
  const made = new Toolbar();
  made.addClass('jp-Perijove-toolbar');
  made.node.setAttribute('aria-label', trans.__('Deployments'));
  made.addItem('title', title);
  made.addItem('spacer', Toolbar.createSpacerItem());
  made.addItem('refresh', refresh);
  return made;
}
