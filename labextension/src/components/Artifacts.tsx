import React from 'react';

import { useSidebar } from '../sidebar';
import type { IArtifact, Json } from '../wire';
import { asObject } from '../parameters';
import { Markdown } from './Markdown';

const MOST_ROWS = 100;

/** What a run shows of its work, as it does so. */
export function Artifacts({ artifacts }: { artifacts: readonly IArtifact[] }): JSX.Element {
  return (
    <>
      {artifacts.map(artifact => (
        <div key={artifact.id} className="jp-Perijove-artifact">
          {artifact.key && <h4>{artifact.key}</h4>}
          <Content artifact={artifact} />
        </div>
      ))}
    </>
  );
}

function Content({ artifact: { type, key, description, data } }: { artifact: IArtifact }): JSX.Element {
  const { words } = useSidebar();
  const described = description && <Markdown source={description} />;
  switch (type) {
    case 'progress':
      return (
        <label className="jp-Perijove-progress">
          <span>{description ?? key}</span>
          <progress max={100} value={Number(data) || 0} />
          <span>{words.percent((Number(data) || 0) / 100)}</span>
        </label>
      );
    case 'markdown':
      return (
        <>
          {described}
          <Markdown source={String(data)} />
        </>
      );
    case 'table':
      return (
        <>
          {described}
          <DataTable rows={rowsOf(data)} />
        </>
      );
    default: // a picture too is told by its address: nothing is fetched from elsewhere
      return (
        <>
          {described}
          <pre>{typeof data === 'string' ? data : JSON.stringify(data, null, 2)}</pre>
        </>
      );
  }
}

function DataTable({ rows }: { rows: readonly Json[][] }): JSX.Element {
  const { trans } = useSidebar();
  const [head = [], ...body] = rows;
  return (
    <div className="jp-Perijove-tableView" tabIndex={0} role="region" aria-label={trans.__('Table')}>
      <table className="jp-Perijove-runs">
        <thead>
          <tr>
            {head.map((name, place) => (
              <th key={place}>{text(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.slice(0, MOST_ROWS).map((row, number) => (
            <tr key={number}>
              {row.map((value, place) => (
                <td key={place}>{text(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {body.length > MOST_ROWS && <p>{trans.__('The first %1 of %2 rows.', MOST_ROWS, body.length)}</p>}
    </div>
  );
}

/** A table as the wire has it (JSON in a string: a list of objects, of lists, or columns by name), the heads first. */
function rowsOf(data: Json): Json[][] {
  const table = parsed(data);
  if (Array.isArray(table)) {
    const heads = [...new Set(table.flatMap(row => Object.keys(asObject(row))))];
    return heads.length
      ? [heads, ...table.map(row => heads.map(head => asObject(row)[head] ?? null))]
      : table.map(row => (Array.isArray(row) ? row : [row]));
  }
  const columns = Object.entries(asObject(table));
  const length = Math.max(0, ...columns.map(([, values]) => (Array.isArray(values) ? values.length : 0)));
  const rows = Array.from({ length }, (_, place) =>
    columns.map(([, values]) => (Array.isArray(values) ? (values[place] ?? null) : null))
  );
  return [columns.map(([name]) => name), ...rows];
}

function parsed(data: Json): Json {
  try {
    return typeof data === 'string' ? (JSON.parse(data) as Json) : data;
  } catch {
    return data;
  }
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
