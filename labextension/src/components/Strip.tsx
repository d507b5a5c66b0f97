import React from 'react';

import { CommandIDs } from '../commands';
import type { ILatestRun } from '../rows';
import { useSidebar } from '../sidebar';
import { stateWords } from '../stateNames';
import { lookOf } from '../states';

const SHOWN = 8;

/** The latest runs of a deployment, the newest at the right, each a way to its page. */
export function Strip({ flow_runs, now }: { flow_runs: readonly ILatestRun[]; now: number }): JSX.Element {
  const { trans } = useSidebar();
  if (!flow_runs.length) {
    return <span className="jp-Perijove-quiet">{trans.__('no runs yet')}</span>;
  }
  return (
    <span className="jp-Perijove-strip" role="group" aria-label={trans.__('Last runs')}>
      {flow_runs.slice(-SHOWN).map(run => (
        <StripRun key={run.id} run={run} now={now} />
      ))}
    </span>
  );
}

function StripRun({ run, now }: { run: ILatestRun; now: number }): JSX.Element {
  const { commands, trans, words } = useSidebar();
  const { tone, sign } = lookOf(run.state_type);
  const begun = run.start_time ?? run.expected_start_time;
  const told = [
    stateWords(run.state_name, trans),
    begun ? words.relative(begun, now) : '',
    run.total_run_time ? trans.__('took %1', words.duration(run.total_run_time)) : ''
  ];
  const label = `${run.name}: ${told.filter(Boolean).join(', ')}`;
  return (
    <button
      className={`jp-Perijove-stripRun jp-mod-${tone}`}
      title={label}
      aria-label={label}
      onClick={() => void commands.execute(CommandIDs.openFlowRun, { flow_run_id: run.id })}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
