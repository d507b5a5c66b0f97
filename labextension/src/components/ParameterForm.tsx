import { addIcon, deleteIcon, FormComponent, type IFormComponentProps } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { ArrayFieldTemplateProps, FieldProps, FieldTemplateProps, ObjectFieldTemplateProps } from '@rjsf/utils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import React, { useMemo, useState } from 'react';

import { type FieldErrors, fieldLooks, formSchema } from '../schema';
import { useSidebar } from '../sidebar';
import { inWords } from '../validationWords';
import type { JsonObject } from '../wire';

const validator = customizeValidator<ReadonlyJSONObject>();

interface IParameterFormProps {
  schema: JsonObject;
  parameters: JsonObject;
  errors: FieldErrors | null;
  onChange: (parameters: JsonObject) => void;
}

/** A field for each of a flow's parameters, checked as it is typed. */
export function ParameterForm({ schema, parameters, errors, onChange }: IParameterFormProps): JSX.Element {
  const { trans } = useSidebar();
  const shown = useMemo(() => ({ ...formSchema(schema), title: trans.__('Parameters') }), [schema]);
  const looks = useMemo(() => fieldLooks(schema), [schema]);
  return (
    <FormComponent
      tagName="div"
      schema={shown}
      uiSchema={looks}
      validator={validator}
      templates={templates}
      fields={fields}
      formData={parameters}
      idPrefix="perijove-parameter"
      extraErrors={(errors ?? undefined) as IFormComponentProps['extraErrors']}
      liveValidate
      transformErrors={found => inWords(found, trans)}
      showErrorList={false}
      onChange={event => onChange((event.formData ?? {}) as JsonObject)}
    />
  );
}

/** A field with a label that is tied to it. */
function Field(props: FieldTemplateProps): JSX.Element {
  const { id, label, schema, uiSchema, children, required, rawErrors, hidden } = props;
  if (hidden) {
    return <div hidden>{children}</div>;
  }
  const isGroup = (schema.type === 'object' || schema.type === 'array') && uiSchema?.['ui:field'] !== 'json';
  const isLabelled = !isGroup && schema.type !== 'boolean';
  return (
    <div className="jp-Perijove-field">
      {isLabelled && (
        <label htmlFor={id}>
          {label}
          {required ? ' *' : ''}
        </label>
      )}
      {children}
      {schema.description && id !== 'perijove-parameter' && (
        <div id={`${id}__description`} className="jp-Perijove-help">
          {schema.description}
        </div>
      )}
      {!!rawErrors?.length && (
        <div id={`${id}__error`} className="jp-Perijove-error" role="alert">
          {rawErrors.join(', ')}
        </div>
      )}
    </div>
  );
}

function ObjectField({ idSchema, title, properties }: ObjectFieldTemplateProps): JSX.Element {
  return (
    <fieldset id={idSchema.$id}>
      <legend>{title}</legend>
      {properties.map(({ name, content }) => (
        <React.Fragment key={name}>{content}</React.Fragment>
      ))}
    </fieldset>
  );
}

function ArrayField({ idSchema, title, items, onAddClick }: ArrayFieldTemplateProps): JSX.Element {
  const { trans } = useSidebar();
  return (
    <fieldset id={idSchema.$id}>
      <legend>{title}</legend>
      {items.map(item => (
        <div key={item.key} className="jp-Perijove-rowLine jp-Perijove-arrayItem">
          {item.children}
          <button
            type="button"
            className="jp-Perijove-iconButton"
            aria-label={trans.__('Remove %1 %2', title, item.index + 1)}
            onClick={item.onDropIndexClick(item.index)}
          >
            <deleteIcon.react tag="span" />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="jp-Perijove-iconButton"
        aria-label={trans.__('Add to %1', title)}
        onClick={onAddClick}
      >
        <addIcon.react tag="span" />
      </button>
    </fieldset>
  );
}

/** A value of any kind, as JSON. */
function JsonField({ idSchema, formData, onChange }: FieldProps): JSX.Element {
  const { trans } = useSidebar();
  const [text, setText] = useState(formData === undefined ? '' : JSON.stringify(formData, null, 2));
  const [mistake, setMistake] = useState('');
  const take = (typed: string): void => {
    setText(typed);
    try {
      onChange(typed.trim() ? JSON.parse(typed) : undefined);
      setMistake('');
    } catch (error) {
      setMistake(trans.__('This is no JSON: %1', String(error)));
    }
  };
  return (
    <>
      <textarea
        id={idSchema.$id}
        className="jp-mod-styled"
        rows={Math.min(text.split('\n').length + 1, 8)}
        spellCheck={false}
        value={text}
        onChange={event => take(event.target.value)}
        onKeyDown={event => event.stopPropagation()}
      />
      {mistake && (
        <div className="jp-Perijove-error" role="alert">
          {mistake}
        </div>
      )}
    </>
  );
}

// FormComponent spreads its own props last, so these replace its three templates as a whole: all three have to be given.
const templates = {
  FieldTemplate: Field,
  ObjectFieldTemplate: ObjectField,
  ArrayFieldTemplate: ArrayField
} as IFormComponentProps['templates'];

const fields = { json: JsonField } as IFormComponentProps['fields'];
