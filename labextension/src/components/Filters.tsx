import { closeIcon, filterIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useState } from 'react';

import { isFiltering, type IRowFilter, type RowStatus } from '../rows';
import { useSidebar } from '../sidebar';

const DELAY = 200; // milliseconds without another key until a search is sent

/** The search field, and the filters below it when they are asked for. */
export function Filters({ filter }: { filter: IRowFilter }): JSX.Element {
  const { deployments, trans } = useSidebar();
  const [search, setSearch] = useState(filter.search);
  const narrowed = filter.tags.length + filter.work_pools.length + (filter.status ? 1 : 0);
  const [isOpen, setOpen] = useState(narrowed > 0);
  const id = useId();
  useEffect(() => {
    const timer = setTimeout(() => search !== filter.search && void deployments.show({ search }), DELAY);
    return () => clearTimeout(timer);
  }, [search]);
  return (
    <div className="jp-Perijove-filters" role="search">
      <div className="jp-Perijove-rowLine">
        <input
          type="search"
          className="jp-mod-styled jp-Perijove-search"
          placeholder={trans.__('Search deployments')}
          aria-label={trans.__('Search deployments')}
          value={search}
          onChange={event => setSearch(event.target.value)}
        />
        <button
          className={`jp-Perijove-iconButton ${narrowed ? 'jp-mod-on' : ''}`}
          aria-expanded={isOpen}
          aria-controls={id}
          title={trans.__('Filters')}
          aria-label={narrowed ? trans.__('Filters: %1 in force', narrowed) : trans.__('Filters')}
          onClick={() => setOpen(!isOpen)}
        >
          <filterIcon.react tag="span" />
        </button>
        {isFiltering(filter) && (
          <button
            className="jp-Perijove-iconButton"
            title={trans.__('Show all deployments')}
            aria-label={trans.__('Show all deployments')}
            onClick={() => {
              setSearch('');
              void deployments.show({ search: '', tags: [], work_pools: [], status: null });
            }}
          >
            <closeIcon.react tag="span" />
          </button>
        )}
      </div>
      {isOpen && (
        <div id={id} className="jp-Perijove-filterFields">
          <StatusFilter status={filter.status} />
          <WordsFilter
            label={trans.__('Tags')}
            words={filter.tags}
            onChange={tags => void deployments.show({ tags })}
          />
          <WordsFilter
            label={trans.__('Work pools')}
            words={filter.work_pools}
            onChange={work_pools => void deployments.show({ work_pools })}
          />
        </div>
      )}
    </div>
  );
}

function StatusFilter({ status }: { status: RowStatus | null }): JSX.Element {
  const { deployments, trans } = useSidebar();
  const choices: [RowStatus | '', string][] = [
    ['', trans.__('any')],
    ['active', trans.__('active')],
    ['paused', trans.__('paused')],
    ['running', trans.__('running now')],
    ['failed', trans.__('with failed runs')]
  ];
  return (
    <label>
      <span>{trans.__('State')}</span>
      <select
        className="jp-mod-styled"
        value={status ?? ''}
        onChange={event => void deployments.show({ status: (event.target.value || null) as RowStatus | null })}
      >
        {choices.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface IWordsFilterProps {
  label: string;
  words: readonly string[];
  onChange: (words: string[]) => void;
}

/** Words with commas between them, taken when the field is left or Enter is pressed. */
function WordsFilter({ label, words, onChange }: IWordsFilterProps): JSX.Element {
  const { trans } = useSidebar();
  const [text, setText] = useState(words.join(', '));
  useEffect(() => setText(words.join(', ')), [words]);
  const take = (): void => {
    const found = text
      .split(',')
      .map(word => word.trim())
      .filter(Boolean);
    if (found.join() !== words.join()) {
      onChange(found);
    }
  };
  return (
    <label>
      <span>{label}</span>
      <input
        className="jp-mod-styled"
        value={text}
        placeholder={trans.__('any')}
        onChange={event => setText(event.target.value)}
        onBlur={take}
        onKeyDown={event => event.key === 'Enter' && take()}
      />
    </label>
  );
}
