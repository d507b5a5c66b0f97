import { ellipsesIcon, runIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { CommandIDs } from '../commands';
import { useScheduleWords } from '../hooks';
import { FOR_ONE, openMenu } from '../menu';
import type { IRow, IStrip } from '../rows';
import { useSidebar } from '../sidebar';
import { Strip } from './Strip';
import { Switch } from './Switch';

interface IDeploymentRowProps {
  row: IRow;
  strip: IStrip | undefined;
  now: number;
}

/** One deployment: when it runs, how its last runs went, and what can be done with it. */
export function DeploymentRow({ row, strip, now }: IDeploymentRowProps): JSX.Element {
  const { commands, trans } = useSidebar();
  const args = { deployment_id: row.id, name: `${row.flow_name}/${row.name}` };
  return (
    <div className={`jp-Perijove-row ${row.paused ? 'jp-mod-paused' : ''}`}>
      <div className="jp-Perijove-rowLine">
        <button
          className="jp-Perijove-rowName"
          data-row={row.id}
          title={row.tags.length ? `${args.name} · ${row.tags.join(', ')}` : args.name}
          onClick={() => void commands.execute(CommandIDs.openDeployment, args)}
        >
          {row.name}
        </button>
        <Switch
          label={row.paused ? trans.__('Resume %1', args.name) : trans.__('Pause %1', args.name)}
          isOn={!row.paused}
          onClick={() => void commands.execute(CommandIDs.pauseDeployment, { ...args, paused: !row.paused })}
        />
        <button
          className="jp-Perijove-iconButton"
          title={trans.__('Run %1 now', args.name)}
          aria-label={trans.__('Run %1 now', args.name)}
          onClick={() => void commands.execute(CommandIDs.runDeployment, args)}
        >
          <runIcon.react tag="span" />
        </button>
        <button
          className="jp-Perijove-iconButton"
          title={trans.__('More for %1', args.name)}
          aria-label={trans.__('More for %1', args.name)}
          aria-haspopup="menu"
          onClick={event => openMenu(commands, event.currentTarget, args, FOR_ONE)}
        >
          <ellipsesIcon.react tag="span" />
        </button>
      </div>
      <div className="jp-Perijove-rowLine">
        <Schedule row={row} strip={strip} now={now} />
      </div>
      <div className="jp-Perijove-rowLine">{strip && <Strip flow_runs={strip.flow_runs} now={now} />}</div>
    </div>
  );
}

function Schedule({ row, strip, now }: IDeploymentRowProps): JSX.Element {
  const { trans, words } = useSidebar();
  const scheduleWords = useScheduleWords();
  const told = row.schedules.map(each =>
    each.active ? scheduleWords.of(each) : trans.__('%1 (paused)', scheduleWords.of(each))
  );
  const schedules = told.join('; ') || trans.__('no schedule');
  const next = row.paused ? null : (strip?.next_run ?? row.next_run);
  return (
    <>
      <span className="jp-Perijove-schedule" title={schedules}>
        {schedules}
      </span>
      {row.paused && <span className="jp-Perijove-next">{trans.__('paused')}</span>}
      {next && (
        <time className="jp-Perijove-next" dateTime={next} title={trans.__('next run: %1', words.absolute(next))}>
          {words.relative(next, now)}
        </time>
      )}
    </>
  );
}
