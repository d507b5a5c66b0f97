// The dialog that runs a deployment: with which parameters, and when.

import React, { useState } from 'react';

import { ParameterForm } from './components/ParameterForm';
import { showForm } from './dialog';
import { asProblem } from './problem';
import { adviceOf } from './problemWords';
import { type FieldErrors, fieldErrors } from './schema';
import { type ISidebar, useSidebar } from './sidebar';
import type { IDeployment, IFlowRun, JsonObject } from './wire';

/** What is asked for; the dialog's fields write it, and its button sends it. */
interface IWish {
  parameters: JsonObject;
  tags: string;
  /** Local time as the field has it; empty: now. */
  at: string;
}

/** Ask how to run the deployment, run it so, and return the run; null when the user would rather not. */
export async function showRunDialog(
  sidebar: ISidebar,
  deployment: IDeployment,
  name: string,
  parameters: JsonObject = {}
): Promise<IFlowRun | null> {
  const { server, trans } = sidebar;
  const wish: IWish = { parameters: { ...deployment.parameters, ...parameters }, tags: '', at: '' };
  const form = React.createRef<IRunForm>();
  let made: IFlowRun | null = null;
  const submit = async (): Promise<boolean> => {
    try {
      made = await server.post<IFlowRun>(`deployments/${deployment.id}/create_flow_run`, requestOf(wish));
      return true;
    } catch (error) {
      form.current?.refuse(adviceOf(asProblem(error), trans));
      return false;
    }
  };
  const body = <RunForm ref={form} deployment={deployment} wish={wish} />;
  await showForm(sidebar, { title: trans.__('Run %1', name), accept: trans.__('Run'), body, submit });
  return made;
}

function requestOf({ parameters, tags, at }: IWish): unknown {
  const words = tags
    .split(',')
    .map(tag => tag.trim())
    .filter(Boolean);
  const state = at && { type: 'SCHEDULED', state_details: { scheduled_time: new Date(at).toISOString() } };
  return { parameters, tags: words, ...(state && { state }) };
}

interface IRunForm {
  /** Show why the server would not have it. */
  refuse: (message: string) => void;
}

const RunForm = React.forwardRef<IRunForm, { deployment: IDeployment; wish: IWish }>(({ deployment, wish }, ref) => {
  const { trans } = useSidebar();
  const [parameters, setParameters] = useState(wish.parameters);
  const [errors, setErrors] = useState<FieldErrors | null>(null);
  const [refusal, setRefusal] = useState('');
  React.useImperativeHandle(ref, () => ({
    refuse: message => {
      setErrors(fieldErrors(message));
      setRefusal(fieldErrors(message) ? '' : message);
    }
  }));
  return (
    <>
      <ParameterForm
        schema={deployment.parameter_openapi_schema ?? {}}
        parameters={parameters}
        errors={errors}
        onChange={changed => {
          setParameters((wish.parameters = changed));
          setErrors(null);
        }}
      />
      <div className="jp-Perijove-field">
        <label htmlFor="perijove-run-at">{trans.__('At (empty: now)')}</label>
        <input
          id="perijove-run-at"
          type="datetime-local"
          className="jp-mod-styled"
          onChange={event => (wish.at = event.target.value)}
        />
      </div>
      <div className="jp-Perijove-field">
        <label htmlFor="perijove-run-tags">{trans.__('Tags (with commas between them)')}</label>
        <input id="perijove-run-tags" className="jp-mod-styled" onChange={event => (wish.tags = event.target.value)} />
      </div>
      {refusal && (
        <div className="jp-Perijove-error" role="alert">
          {refusal}
        </div>
      )}
    </>
  );
});
RunForm.displayName = 'RunForm';
