import React from 'react';

import { CommandIDs } from '../commands';
import type { DeploymentModel } from '../deployment';
import { secondsOf } from '../runTime';
import { useSidebar } from '../sidebar';
import { typeWords } from '../stateNames';
import type { StateType } from '../wire';
import { Moment } from './Facts';
import { Section } from './Section';
import { StateBadge } from './StateBadge';

const TYPES: StateType[] = ['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'];

/** The runs of a deployment, the latest first. */
export function RunTable({ model, now }: { model: DeploymentModel; now: number }): JSX.Element {
  const { commands, trans, words } = useSidebar();
  const { flow_runs, total, state_type } = model;
  const filter = (
    <select
      className="jp-mod-styled"
      aria-label={trans.__('State of the runs')}
      value={state_type ?? ''}
      onChange={event => void model.show((event.target.value || null) as StateType | null)}
    >
      <option value="">{trans.__('all that have begun')}</option>
      {TYPES.map(type => (
        <option key={type} value={type}>
          {typeWords(type, trans)}
        </option>
      ))}
    </select>
  );
  return (
    <Section title={trans._n('%1 run', '%1 runs', total)} tools={filter}>
      {flow_runs.length ? (
        <table className="jp-Perijove-runs">
          <thead>
            <tr>
              <th>{trans.__('state')}</th>
              <th>{trans.__('run')}</th>
              <th>{trans.__('began')}</th>
              <th>{trans.__('took')}</th>
            </tr>
          </thead>
          <tbody>
            {flow_runs.map(run => {
              const begins = run.start_time ?? run.expected_start_time;
              return (
                <tr key={run.id}>
                  <td>
                    <StateBadge type={run.state_type} name={run.state_name} />
                  </td>
                  <td>
                    <button
                      className="jp-Perijove-link"
                      onClick={() => void commands.execute(CommandIDs.openFlowRun, { flow_run_id: run.id })}
                    >
                      {run.name}
                    </button>
                  </td>
                  <td>{begins && <Moment instant={begins} now={now} />}</td>
                  <td>{run.start_time ? words.duration(secondsOf(run, now)) : ''}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      ) : (
        <p className="jp-Perijove-quiet">{trans.__('none')}</p>
      )}
      {flow_runs.length < total && (
        <button className="jp-mod-styled" onClick={() => void model.more()}>
          {trans.__('Show more')}
        </button>
      )}
    </Section>
  );
}
