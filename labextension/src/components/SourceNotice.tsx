import React from 'react';

import { CommandIDs } from '../commands';
import type { ISource } from '../deployment';
import { useSidebar } from '../sidebar';

/** The way to the notebook that a deployment came from, and whether its file is still what that says. */
export function NotebookLink({ source }: { source: ISource }): JSX.Element {
  const { commands, trans } = useSidebar();
  const open = (): void => void commands.execute(CommandIDs.openNotebook, { path: source.notebook });
  const words = {
    same: trans.__('unchanged since'),
    changed: trans.__('changed since'),
    missing: trans.__('gone'),
    unknown: trans.__('can’t be compared')
  };
  return (
    <>
      {source.status === 'missing' ? (
        source.notebook
      ) : (
        <button className="jp-Perijove-link" onClick={open}>
          {source.notebook}
        </button>
      )}{' '}
      <span className={`jp-Perijove-badge ${source.status === 'changed' ? 'jp-mod-warn' : ''}`} title={source.told}>
        {words[source.status]}
      </span>
    </>
  );
}

/** What runs would do otherwise, were the notebook deployed again; nothing where they would do the same. */
export function SourceNotice({ source }: { source: ISource }): JSX.Element | null {
  const { trans } = useSidebar();
  if (source.status !== 'changed') {
    return null;
  }
  return (
    <details className="jp-Perijove-drift">
      <summary>
        {trans.__(
          'The notebook has changed since it was deployed: runs do what it said then. Deploy it again to take the changes over.'
        )}
      </summary>
      {source.told ? (
        <p>{source.told}</p>
      ) : (
        <pre tabIndex={0} aria-label={trans.__('What has changed')}>
          {source.diff.split('\n').map((line, place) => (
            <span key={place} className={classOf(line)}>
              {line}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </details>
  );
}

function classOf(line: string): string | undefined {
  if (line.startsWith('+')) {
    return 'jp-mod-added';
  }
  return line.startsWith('-') ? 'jp-mod-removed' : undefined;
}
