import React, { useEffect, useId, useState } from 'react';

import type { IDeployDraft } from '../deployDialog';
import type { IExport, INotebookText } from '../notebookText';
import { asProblem } from '../problem';
import { adviceOf } from '../problemWords';
import { useSidebar } from '../sidebar';
import { ScheduleForm } from './ScheduleForm';

const EXAMPLE = 'region=EU';

interface IDeployFormProps {
  draft: IDeployDraft;
  notebook: INotebookText;
  flows: readonly string[];
  timezones: Promise<string[]>;
}

/** Which flow is deployed, under which name and when; beside it, the file that it becomes. */
export function DeployForm({ draft, notebook, flows, timezones }: IDeployFormProps): JSX.Element {
  const { trans } = useSidebar();
  const [flow, setFlow] = useState(draft.flow);
  const [isScheduled, setScheduled] = useState(draft.isScheduled);
  const id = useId();
  return (
    <div className="jp-Perijove-deploy">
      <div>
        <div className="jp-Perijove-field">
          <label htmlFor={`${id}-flow`}>{trans.__('Flow')}</label>
          <select
            id={`${id}-flow`}
            className="jp-mod-styled"
            value={flow}
            onChange={event => setFlow((draft.flow = event.target.value))}
          >
            {flows.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
        <TextField label={trans.__('Name')} value={draft.name} onChange={text => (draft.name = text)} />
        <label className="jp-Perijove-check jp-Perijove-field">
          <input
            type="checkbox"
            checked={isScheduled}
            onChange={event => setScheduled((draft.isScheduled = event.target.checked))}
          />
          {trans.__('Run it by a schedule')}
        </label>
        {isScheduled && <ScheduleForm draft={draft.schedule} timezones={timezones} hasParameters={false} />}
        <div className="jp-Perijove-field">
          <label htmlFor={`${id}-parameters`}>{trans.__('Parameters, one name=value a line')}</label>
          <textarea
            id={`${id}-parameters`}
            className="jp-mod-styled"
            rows={2}
            placeholder={EXAMPLE}
            spellCheck={false}
            onChange={event => (draft.parameters = event.target.value)}
            onKeyDown={event => event.key === 'Enter' && event.stopPropagation()}
          />
        </div>
        <TextField
          label={trans.__('Tags (with commas between them)')}
          value={draft.tags}
          onChange={text => (draft.tags = text)}
        />
      </div>
      <Preview notebook={notebook} flow={flow} />
    </div>
  );
}

interface ITextFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

function TextField({ label, value, onChange }: ITextFieldProps): JSX.Element {
  const id = useId();
  return (
    <div className="jp-Perijove-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="jp-mod-styled"
        defaultValue={value}
        spellCheck={false}
        onChange={event => onChange(event.target.value)}
      />
    </div>
  );
}

/** The module that the export writes, with what is kept and why; nothing of the notebook is run for it. */
function Preview({ notebook, flow }: { notebook: INotebookText; flow: string }): JSX.Element {
  const { server, trans } = useSidebar();
  const [found, setFound] = useState<IExport | null>(null);
  const [refusal, setRefusal] = useState('');
  useEffect(() => {
    setFound(null);
    setRefusal('');
    server
      .ask<IExport>('notebook/export', { ...notebook, function: flow })
      .then(setFound, error => setRefusal(adviceOf(asProblem(error), trans)));
  }, [flow]);
  if (refusal) {
    return (
      <div className="jp-Perijove-export">
        <div className="jp-Perijove-error" role="alert">
          {refusal}
        </div>
      </div>
    );
  }
  return (
    <div className="jp-Perijove-export">
      <strong>{trans.__('The file that it becomes')}</strong>
      <pre tabIndex={0} aria-label={trans.__('The exported file')}>
        {found?.source ?? trans.__('Loading…')}
      </pre>
      {found?.warnings.map(warning => (
        <p key={warning} className="jp-Perijove-error">
          {warning}
        </p>
      ))}
      {found && (
        <details>
          <summary>
            {trans._n('%1 statement is kept', '%1 statements are kept', found.kept.length)}
            {found.dropped.length > 0 &&
              trans.__('; left out: cells %1', found.dropped.map(({ cell }) => cell).join(', '))}
          </summary>
          <ul>
            {found.kept.map(({ cell, line, text, why }) => (
              <li key={`${cell}.${line}.${text}`}>
                <code>{text.split('\n')[0]}</code> {trans.__('(cell %1, line %2): %3', cell, line, why)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
