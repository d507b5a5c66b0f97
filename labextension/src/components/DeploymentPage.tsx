import { addIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { CommandIDs } from '../commands';
import type { DeploymentModel } from '../deployment';
import { docstringAsMarkdown } from '../docstring';
import { useNow, useSignal } from '../hooks';
import { useSidebar } from '../sidebar';
import type { IDeployment } from '../wire';
import { Facts } from './Facts';
import { Markdown } from './Markdown';
import { ProblemNotice } from './Notice';
import { Parameters } from './Parameters';
import { RunTable } from './RunTable';
import { ScheduleRow } from './ScheduleRow';
import { Section } from './Section';
import { NotebookLink, SourceNotice } from './SourceNotice';
import { Switch } from './Switch';
import { Triggers } from './Triggers';

/** A deployment: what it is, when it runs, who runs it, and how its runs went. */
export function DeploymentPage({ model, name }: { model: DeploymentModel; name: string }): JSX.Element {
  const { commands, deployments, trans } = useSidebar();
  useSignal(model.changed);
  const now = useNow();
  const { deployment, problem } = model;
  if (!deployment) {
    return problem ? (
      <ProblemNotice problem={problem} onRetry={() => void model.follow()} />
    ) : (
      <p role="status">{trans.__('Loading…')}</p>
    );
  }
  const args = { deployment_id: deployment.id, name };
  const changed = async (): Promise<void> => {
    await Promise.all([model.follow(), deployments.refresh()]);
  };
  const doing = (command: string, more = {}): void =>
    void commands.execute(command, { ...args, ...more }).then(changed);
  const add = (
    <button
      className="jp-Perijove-iconButton"
      title={trans.__('Add a schedule')}
      aria-label={trans.__('Add a schedule')}
      onClick={() => doing(CommandIDs.createSchedule)}
    >
      <addIcon.react tag="span" />
    </button>
  );
  return (
    <>
      <div className="jp-Perijove-head">
        <h2>{name}</h2>
        <Switch
          label={deployment.paused ? trans.__('Resume') : trans.__('Pause')}
          isOn={!deployment.paused}
          onClick={() => doing(CommandIDs.pauseDeployment, { paused: !deployment.paused })}
        />
        <span>{deployment.paused ? trans.__('paused') : trans.__('active')}</span>
        <span className="jp-Perijove-headTools">
          <button className="jp-mod-styled jp-mod-accept" onClick={() => doing(CommandIDs.runDeploymentWith)}>
            {trans.__('Run…')}
          </button>
          <button className="jp-mod-styled jp-mod-warn" onClick={() => doing(CommandIDs.deleteDeployment)}>
            {trans.__('Delete…')}
          </button>
        </span>
      </div>
      {problem && <ProblemNotice problem={problem} onRetry={() => void model.follow()} />}
      {deployment.description && <Markdown source={docstringAsMarkdown(deployment.description)} />}
      <Summary model={model} deployment={deployment} name={name} />
      {model.source && <SourceNotice source={model.source} />}
      <Section title={trans.__('Schedules')} tools={add}>
        {deployment.schedules.length ? (
          <ul className="jp-Perijove-schedules">
            {deployment.schedules.map((schedule, place) => (
              <ScheduleRow
                key={schedule.id}
                deployment={deployment}
                schedule={schedule}
                secrets={model.secrets}
                told={model.schedules[place]}
                now={now}
                onChanged={changed}
              />
            ))}
          </ul>
        ) : (
          <p className="jp-Perijove-quiet">{trans.__('none: it runs when somebody asks for it')}</p>
        )}
      </Section>
      <Triggers triggers={model.triggers} onChanged={changed} />
      <Section title={trans.__('Parameters')}>
        <Parameters parameters={deployment.parameters} secrets={model.secrets} />
      </Section>
      <RunTable model={model} now={now} />
    </>
  );
}

function Summary({
  model,
  deployment,
  name
}: {
  model: DeploymentModel;
  deployment: IDeployment;
  name: string;
}): JSX.Element {
  const { commands, trans } = useSidebar();
  const { source, work_pool } = model;
  const open = (): void => void commands.execute(CommandIDs.openFile, { deployment_id: deployment.id, name });
  const served =
    work_pool?.status === 'READY'
      ? trans.__('a worker runs it, with JupyterLab open or not')
      : trans.__('no worker serves it now: its runs wait');
  return (
    <Facts
      facts={[
        [
          trans.__('file'),
          deployment.entrypoint && (
            <button className="jp-Perijove-link" onClick={open}>
              {deployment.entrypoint}
            </button>
          )
        ],
        [trans.__('notebook'), source && <NotebookLink source={source} />],
        [trans.__('version'), deployment.version?.slice(0, 12)],
        [trans.__('tags'), deployment.tags.join(', ')],
        [
          trans.__('work pool'),
          work_pool ? `${work_pool.name}: ${served}` : trans.__('none: whoever serves it runs it')
        ]
      ]}
    />
  );
}
