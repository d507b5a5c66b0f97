import React, { useId, useState } from 'react';

interface IChoiceProps<T extends string> {
  label: string;
  value: T;
  /** Values with their words. */
  choices: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

/** One of a few, in a form. */
export function Choice<T extends string>({ label, value, choices, onChange }: IChoiceProps<T>): JSX.Element {
  const [chosen, setChosen] = useState(value);
  const id = useId();
  return (
    <div className="jp-Perijove-field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="jp-mod-styled"
        value={chosen}
        onChange={event => {
          setChosen(event.target.value as T);
          onChange(event.target.value as T);
        }}
      >
        {choices.map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
