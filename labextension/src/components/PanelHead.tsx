import { ellipsesIcon, refreshIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { CommandIDs } from '../commands';
import { FOR_ALL, openMenu } from '../menu';
import { useSidebar } from '../sidebar';

/** The panel's title, and what concerns all of it. */
export function PanelHead(): JSX.Element {
  const { commands, trans } = useSidebar();
  return (
    <div className="jp-Perijove-panelHead">
      <h2>{trans.__('Deployments')}</h2>
      <button
        className="jp-Perijove-iconButton"
        title={trans.__('Refresh')}
        aria-label={trans.__('Refresh')}
        onClick={() => void commands.execute(CommandIDs.refresh)}
      >
        <refreshIcon.react tag="span" />
      </button>
      <button
        className="jp-Perijove-iconButton"
        title={trans.__('For all deployments')}
        aria-label={trans.__('For all deployments')}
        aria-haspopup="menu"
        onClick={event => openMenu(commands, event.currentTarget, {}, FOR_ALL)}
      >
        <ellipsesIcon.react tag="span" />
      </button>
    </div>
  );
}
