import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { CommandIDs } from '../commands';
import type { FlowRun, IResult } from '../flowRun';
import { useNow, useSignal } from '../hooks';
import type { Latest } from '../latest';
import { secondsOf } from '../runTime';
import { useSidebar } from '../sidebar';
import { canCancel, canRetry, isFinal } from '../states';
import type { IFlowRun, ITaskRun } from '../wire';
import { Artifacts } from './Artifacts';
import { Facts, Moment } from './Facts';
import { LogView } from './LogView';
import { ProblemNotice } from './Notice';
import { Parameters } from './Parameters';
import { Section } from './Section';
import { StateBadge } from './StateBadge';
import { Timeline } from './Timeline';

/** A flow run: how it stands, what it does, what it said, and what can be done about it. */
export function FlowRunPage({ model }: { model: FlowRun }): JSX.Element {
  const { trans } = useSidebar();
  useSignal(model.changed);
  const { flow_run, problem, states, task_runs, subflow_runs, artifacts, result } = model;
  const now = useNow(model.isFinal ? 30 : 1);
  if (!flow_run) {
    return problem ? (
      <ProblemNotice problem={problem} onRetry={() => void model.follow()} />
    ) : (
      <p role="status">{trans.__('Loading…')}</p>
    );
  }
  return (
    <>
      <Head model={model} flow_run={flow_run} />
      {problem && <ProblemNotice problem={problem} onRetry={() => void model.follow()} />}
      {flow_run.state?.message && <p className="jp-Perijove-message">{flow_run.state.message}</p>}
      <Summary model={model} flow_run={flow_run} now={now} />
      {!!task_runs.count && (
        <Section title={tasksTitle(task_runs, trans)}>
          <Timeline task_runs={task_runs.shown} now={now} />
          <Earlier model={model} things={task_runs} />
        </Section>
      )}
      {!!artifacts.count && (
        <Section title={titleOf(trans.__('Artifacts'), artifacts, trans)}>
          <Artifacts artifacts={[...artifacts.shown].reverse()} />
          <Earlier model={model} things={artifacts} />
        </Section>
      )}
      {result && <Result result={result} flow_run={flow_run} />}
      <LogView log={model.log} name={flow_run.name} />
      <div className="jp-Perijove-columns">
        <Section title={trans.__('Parameters')}>
          <Parameters parameters={flow_run.parameters} secrets={model.secrets} />
        </Section>
        <Section title={trans.__('States')}>
          <ol className="jp-Perijove-states">
            {states.map(state => (
              <li key={state.id}>
                <StateBadge type={state.type} name={state.name} />
                <Moment instant={state.timestamp} now={now} />
              </li>
            ))}
          </ol>
        </Section>
        {!!subflow_runs.count && (
          <Section title={titleOf(trans.__('Subflows'), subflow_runs, trans)}>
            <ul className="jp-Perijove-states">
              {subflow_runs.shown.map(run => (
                <li key={run.id}>
                  <StateBadge type={run.state_type} name={run.state_name} />
                  <RunLink flow_run={run} />
                </li>
              ))}
            </ul>
            <Earlier model={model} things={subflow_runs} />
          </Section>
        )}
      </div>
    </>
  );
}

/** How far a run's tasks are. */
function tasksTitle(task_runs: Latest<ITaskRun>, trans: TranslationBundle): string {
  const ended = task_runs.shown.filter(({ state_type }) => isFinal(state_type)).length;
  return task_runs.shown.length < task_runs.count
    ? titleOf(trans.__('Tasks'), task_runs, trans)
    : trans.__('Tasks: %1 of %2 have ended', ended, task_runs.count);
}

/** What the things are called, and how many of them are shown where not all are. */
function titleOf(name: string, { shown, count }: Latest<unknown>, trans: TranslationBundle): string {
  return shown.length < count ? trans.__('%1: the latest %2 of %3', name, shown.length, count) : name;
}

/** The way to those that are not shown. */
function Earlier({ model, things }: { model: FlowRun; things: Latest<unknown> }): JSX.Element | null {
  const { trans } = useSidebar();
  return things.shown.length < things.count ? (
    <button className="jp-mod-styled" onClick={() => void model.showEarlier(things)}>
      {trans.__('Show earlier ones, too')}
    </button>
  ) : null;
}

/** What the flow returned, where it returned something. */
function Result({ result, flow_run }: { result: IResult; flow_run: IFlowRun }): JSX.Element | null {
  const { trans } = useSidebar();
  if (result.text === null && flow_run.state_type !== 'COMPLETED') {
    return null;
  }
  return (
    <Section title={trans.__('Result')}>
      {result.text === null ? (
        <p className="jp-Perijove-quiet">{result.told}</p>
      ) : (
        <pre className="jp-Perijove-result" tabIndex={0} aria-label={trans.__('Result')}>
          {result.text}
        </pre>
      )}
    </Section>
  );
}

function Head({ model, flow_run }: { model: FlowRun; flow_run: IFlowRun }): JSX.Element {
  const { commands, trans } = useSidebar();
  const { deployment, flow } = model;
  const doing = (command: string): void =>
    void commands.execute(command, { flow_run_id: flow_run.id }).then(() => model.follow());
  const again = (): void =>
    void commands.execute(CommandIDs.runDeploymentWith, {
      deployment_id: flow_run.deployment_id,
      name: `${flow?.name}/${deployment?.name}`,
      parameters: flow_run.parameters
    });
  return (
    <div className="jp-Perijove-head">
      <h2>{flow_run.name}</h2>
      <span role="status">
        <StateBadge type={flow_run.state_type} name={flow_run.state_name} />
      </span>
      <span className="jp-Perijove-headTools">
        {canCancel(flow_run.state_type) && (
          <button className="jp-mod-styled jp-mod-warn" onClick={() => doing(CommandIDs.cancelRun)}>
            {trans.__('Cancel')}
          </button>
        )}
        {canRetry(flow_run.state_type) && deployment && (
          <button className="jp-mod-styled" onClick={() => doing(CommandIDs.retryRun)}>
            {trans.__('Retry')}
          </button>
        )}
        {deployment && (
          <button className="jp-mod-styled" onClick={again}>
            {trans.__('Run again…')}
          </button>
        )}
      </span>
    </div>
  );
}

function Summary({ model, flow_run, now }: { model: FlowRun; flow_run: IFlowRun; now: number }): JSX.Element {
  const { commands, trans, words } = useSidebar();
  const { deployment, flow, parent } = model;
  const { expected_start_time, start_time } = flow_run;
  const name = `${flow?.name}/${deployment?.name}`;
  const begins = start_time ?? expected_start_time;
  return (
    <Facts
      facts={[
        [
          trans.__('deployment'),
          deployment && (
            <button
              className="jp-Perijove-link"
              onClick={() => void commands.execute(CommandIDs.openDeployment, { deployment_id: deployment.id, name })}
            >
              {name}
            </button>
          )
        ],
        [trans.__('flow'), deployment ? null : flow?.name],
        [trans.__('part of'), parent && <RunLink flow_run={parent} />],
        [start_time ? trans.__('began') : trans.__('begins'), begins && <Moment instant={begins} now={now} />],
        [
          flow_run.end_time ? trans.__('took') : trans.__('runs for'),
          start_time && words.duration(secondsOf(flow_run, now))
        ],
        [trans.__('attempt'), flow_run.run_count > 1 && String(flow_run.run_count)],
        [trans.__('asked for by'), flow_run.auto_scheduled ? trans.__('a schedule') : null],
        [trans.__('work pool'), flow_run.work_pool_name],
        [trans.__('tags'), flow_run.tags.join(', ')],
        [trans.__('version'), flow_run.deployment_version?.slice(0, 12)]
      ]}
    />
  );
}

function RunLink({ flow_run }: { flow_run: IFlowRun }): JSX.Element {
  const { commands } = useSidebar();
  return (
    <button
      className="jp-Perijove-link"
      onClick={() => void commands.execute(CommandIDs.openFlowRun, { flow_run_id: flow_run.id })}
    >
      {flow_run.name}
    </button>
  );
}
