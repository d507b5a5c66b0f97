import React, { useCallback, useMemo } from 'react';

import { CommandIDs } from '../commands';
import type { Item } from '../deployments';
import { useNow, useSignal } from '../hooks';
import { isOfServer } from '../problem';
import { EVERYTHING, isFiltering } from '../rows';
import { useSidebar } from '../sidebar';
import { DeploymentRow } from './DeploymentRow';
import { Filters } from './Filters';
import { Notice, ProblemNotice } from './Notice';
import { VirtualList } from './VirtualList';

const HEADING = 28; // pixels, as in the style sheet
const ROW = 78;
const CELL = ['%load_ext perijove', '%deploy my_flow --every 1h'];
const AHEAD = 20; // items before the end at which the next page is loaded

/** All deployments, or the state that keeps them from being shown. */
export function DeploymentList(): JSX.Element {
  const { deployments } = useSidebar();
  useSignal(deployments.changed);
  const { problem, total, filter } = deployments;
  if (problem && (isOfServer(problem) || total === null)) {
    return <ProblemNotice problem={problem} onRetry={() => void deployments.refresh()} />;
  }
  if (total === null) {
    return <Loading />;
  }
  if (total === 0 && !isFiltering(filter)) {
    return <Empty />;
  }
  return (
    <>
      <Filters filter={filter} />
      {/* by the key: what another filter finds is shown from its beginning */}
      {total === 0 ? <NothingFound /> : <Rows key={JSON.stringify(filter)} items={deployments.items} />}
      <Count total={total} />
    </>
  );
}

function Rows({ items }: { items: readonly Item[] }): JSX.Element {
  const { deployments, trans } = useSidebar();
  const now = useNow();
  const heights = useMemo(() => items.map(item => ('row' in item ? ROW : HEADING)), [items]);
  const onSeen = useCallback(
    (first: number, end: number) => {
      const seen = items.slice(first, end).flatMap(item => ('row' in item ? [item.row.id] : []));
      void deployments.see(seen);
      if (end + AHEAD >= items.length) {
        void deployments.loadMore();
      }
    },
    [items]
  );
  const renderItem = (place: number): JSX.Element => {
    const item = items[place];
    return 'row' in item ? (
      <DeploymentRow row={item.row} strip={deployments.strip(item.row.id)} now={now} />
    ) : (
      <h3 className="jp-Perijove-flow">{item.flow_name}</h3>
    );
  };
  return <VirtualList label={trans.__('Deployments')} heights={heights} renderItem={renderItem} onSeen={onSeen} />;
}

function Loading(): JSX.Element {
  const { trans } = useSidebar();
  return (
    <div role="status" aria-label={trans.__('Loading deployments')} className="jp-Perijove-loading">
      <div />
      <div />
      <div />
    </div>
  );
}

function Empty(): JSX.Element {
  const { commands, trans } = useSidebar();
  const deploy = {
    label: trans.__('Deploy from this notebook'),
    onClick: () => void commands.execute(CommandIDs.deployNotebook),
    isMain: true
  };
  return (
    <Notice
      title={trans.__('No deployments yet')}
      actions={commands.isEnabled(CommandIDs.deployNotebook) ? [deploy] : []}
    >
      <p>{trans.__('A deployment runs a flow of a notebook by itself, with the notebook closed.')}</p>
      <p>
        {trans.__('Write a function with @flow above it, and deploy it from the notebook’s toolbar, or in a cell:')}
      </p>
      {CELL.map(line => (
        <code key={line}>{line}</code>
      ))}
    </Notice>
  );
}

function NothingFound(): JSX.Element {
  const { deployments, trans } = useSidebar();
  const all = { label: trans.__('Show all deployments'), onClick: () => void deployments.show(EVERYTHING) };
  return <Notice title={trans.__('No deployment is like this')} actions={[all]} />;
}

function Count({ total }: { total: number }): JSX.Element {
  const { trans } = useSidebar();
  return (
    <div className="jp-Perijove-count" role="status">
      {trans._n('%1 deployment', '%1 deployments', total)}
    </div>
  );
}
