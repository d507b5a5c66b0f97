import React, { useEffect, useId, useState } from 'react';

import { useScheduleWords } from '../hooks';
import { asProblem } from '../problem';
import { adviceOf } from '../problemWords';
import { type IScheduleText, requestOf, type ScheduleKind } from '../scheduleText';
import { useSidebar } from '../sidebar';
import type { ITold } from '../deployment';
import type { Catchup, Overlap } from '../wire';
import { Choice } from './Choice';

const EXAMPLE = '{"region": "EU"}';
const DELAY = 150; // milliseconds without another key until the server is asked

/** What the form's fields write. `refuse` shows why it could not be kept. */
export interface IScheduleDraft {
  text: IScheduleText;
  /** JSON, or nothing. */
  parameters: string;
  /** null: the server knows neither. */
  options: { catchup: Catchup; overlap: Overlap } | null;
  refuse: (message: string) => void;
}

interface IScheduleFormProps {
  draft: IScheduleDraft;
  timezones: Promise<string[]>;
  /** Whether its runs can have parameters of their own. */
  hasParameters?: boolean;
}

interface IFieldsProps {
  text: IScheduleText;
  onChange: (change: Partial<IScheduleText>) => void;
}

/** The fields of a schedule, with what they mean as they are typed. */
export function ScheduleForm({ draft, timezones, hasParameters = true }: IScheduleFormProps): JSX.Element {
  const { trans } = useSidebar();
  const [text, setText] = useState(draft.text);
  const [refusal, setRefusal] = useState('');
  const id = useId();
  draft.refuse = setRefusal;
  const change = (changed: Partial<IScheduleText>): void => setText((draft.text = { ...draft.text, ...changed }));
  const kinds: [ScheduleKind, string][] = [
    ['days', trans.__('At a time of the day')],
    ['interval', trans.__('Every so often')],
    ['cron', trans.__('By a cron line')],
    ['rrule', trans.__('By a calendar rule (RRULE)')]
  ];
  return (
    <>
      <Choice label={trans.__('Runs')} value={text.kind} choices={kinds} onChange={kind => change({ kind })} />
      {text.kind === 'days' ? <Days text={text} onChange={change} /> : <Notation text={text} onChange={change} />}
      <Timezone text={text} onChange={change} timezones={timezones} />
      <Preview text={text} />
      {hasParameters && (
        <div className="jp-Perijove-field">
          <label htmlFor={`${id}-parameters`}>
            {trans.__('Parameters of its runs, as JSON (empty: the deployment’s)')}
          </label>
          <input
            id={`${id}-parameters`}
            className="jp-mod-styled"
            defaultValue={draft.parameters}
            placeholder={EXAMPLE}
            spellCheck={false}
            onChange={event => (draft.parameters = event.target.value)}
          />
        </div>
      )}
      {draft.options && <Options options={draft.options} />}
      {refusal && (
        <div className="jp-Perijove-error" role="alert">
          {refusal}
        </div>
      )}
    </>
  );
}

function Days({ text, onChange }: IFieldsProps): JSX.Element {
  const { trans, words } = useSidebar();
  const id = useId();
  const toggle = (day: number): void =>
    onChange({ days: text.days.includes(day) ? text.days.filter(one => one !== day) : [...text.days, day] });
  return (
    <>
      <div className="jp-Perijove-field">
        <label htmlFor={id}>{trans.__('Time')}</label>
        <input
          id={id}
          type="time"
          className="jp-mod-styled"
          value={text.time}
          onChange={event => event.target.value && onChange({ time: event.target.value })}
        />
      </div>
      <fieldset className="jp-Perijove-days">
        <legend>{trans.__('On (none: every day)')}</legend>
        {[1, 2, 3, 4, 5, 6, 0].map(day => (
          <label key={day} className="jp-Perijove-check">
            <input type="checkbox" checked={text.days.includes(day)} onChange={() => toggle(day)} />
            {words.weekday(day)}
          </label>
        ))}
      </fieldset>
    </>
  );
}

function Notation({ text, onChange }: IFieldsProps): JSX.Element {
  const { trans } = useSidebar();
  const id = useId();
  const kind = text.kind as 'cron' | 'interval' | 'rrule';
  const labels = {
    cron: trans.__('Cron line'),
    interval: trans.__('Every'),
    rrule: trans.__('Calendar rule')
  };
  const helps = {
    cron: trans.__('Minute, hour, day of the month, month, day of the week: 0 8 * * 1-5, or @daily.'),
    interval: trans.__('A number with s, m, h or d: 15m, 1h30m, 2d.'),
    rrule: trans.__('RFC 5545: FREQ=MONTHLY;BYDAY=-1FR, with or without a DTSTART line.')
  };
  return (
    <div className="jp-Perijove-field">
      <label htmlFor={id}>{labels[kind]}</label>
      <input
        id={id}
        className="jp-mod-styled"
        value={text[kind]}
        spellCheck={false}
        aria-describedby={`${id}-help`}
        onChange={event => onChange({ [kind]: event.target.value })}
      />
      <div id={`${id}-help`} className="jp-Perijove-help">
        {helps[kind]}
      </div>
    </div>
  );
}

function Timezone({ text, onChange, timezones }: IFieldsProps & Pick<IScheduleFormProps, 'timezones'>): JSX.Element {
  const { trans } = useSidebar();
  const id = useId();
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => void timezones.then(setNames, () => undefined), [timezones]);
  return (
    <div className="jp-Perijove-field">
      <label htmlFor={id}>{trans.__('Timezone')}</label>
      <input
        id={id}
        className="jp-mod-styled"
        list={`${id}-names`}
        value={text.timezone}
        spellCheck={false}
        onFocus={event => event.target.select()}
        onChange={event => onChange({ timezone: event.target.value })}
      />
      <datalist id={`${id}-names`}>
        {names.map(name => (
          <option key={name} value={name} label={name.replaceAll('_', ' ')} />
        ))}
      </datalist>
    </div>
  );
}

/** What becomes of runs that were missed, and of those that come too soon. */
function Options({ options }: { options: { catchup: Catchup; overlap: Overlap } }): JSX.Element {
  const { trans } = useSidebar();
  return (
    <>
      <Choice
        label={trans.__('When the server was off at the time')}
        value={options.catchup}
        choices={[
          ['latest', trans.__('make up for the last missed run')],
          ['all', trans.__('make up for all missed runs')],
          ['none', trans.__('leave missed runs out')]
        ]}
        onChange={catchup => (options.catchup = catchup)}
      />
      <Choice
        label={trans.__('When the run before it still goes on')}
        value={options.overlap}
        choices={[
          ['allow', trans.__('run beside it')],
          ['queue', trans.__('wait until it has ended')],
          ['skip', trans.__('leave this run out')]
        ]}
        onChange={overlap => (options.overlap = overlap)}
      />
    </>
  );
}

/** What was typed, in words, and the next five instants, from the server; or what is wrong with it. */
function Preview({ text }: { text: IScheduleText }): JSX.Element {
  const { server, trans, words } = useSidebar();
  const scheduleWords = useScheduleWords();
  const [told, setTold] = useState<ITold | null>(null);
  const [mistake, setMistake] = useState('');
  useEffect(() => {
    const outdated = new AbortController();
    const timer = setTimeout(() => {
      server.ask<ITold>('schedules/preview', requestOf(text), { signal: outdated.signal }).then(
        answer => {
          setTold(answer);
          setMistake('');
        },
        error => outdated.signal.aborted || setMistake(adviceOf(asProblem(error), trans))
      );
    }, DELAY);
    return () => {
      clearTimeout(timer);
      outdated.abort();
    };
  }, [text]);
  return (
    <div className="jp-Perijove-preview" aria-live="polite">
      {mistake ? (
        <div className="jp-Perijove-error">{mistake}</div>
      ) : (
        told && (
          <>
            <strong>{scheduleWords.of(told)}</strong>
            <ol aria-label={trans.__('Next runs')}>
              {told.instants.map(({ instant, wall }) => (
                <li key={instant} title={words.absolute(instant)}>
                  {words.wall(wall)}
                </li>
              ))}
            </ol>
          </>
        )
      )}
    </div>
  );
}
