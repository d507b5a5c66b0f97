import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { CommandIDs } from '../commands';
import type { Problem, ProblemKind } from '../problem';
import { useSidebar } from '../sidebar';

interface INoticeProps {
  title: string;
  children?: React.ReactNode;
  /** What can be done about it. */
  actions?: { label: string; onClick: () => void; isMain?: boolean; isBusy?: boolean }[];
  isAlert?: boolean;
}

/** A state of the whole panel or page, in words, with a way on. */
export function Notice({ title, children, actions = [], isAlert }: INoticeProps): JSX.Element {
  return (
    <div className="jp-Perijove-notice" role={isAlert ? 'alert' : 'status'}>
      <p className="jp-Perijove-noticeTitle">{title}</p>
      {children}
      {actions.map(({ label, onClick, isMain, isBusy }) => (
        <button
          key={label}
          className={`jp-mod-styled ${isMain ? 'jp-mod-accept' : ''}`}
          disabled={isBusy}
          onClick={onClick}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** What stands between the user and the server, and what to do about it. */
export function ProblemNotice({ problem, onRetry }: { problem: Problem; onRetry: () => void }): JSX.Element {
  const { commands, trans } = useSidebar();
  const retry = { label: trans.__('Try again'), onClick: onRetry };
  const [isBusy, setBusy] = useState(false);
  const start = {
    label: isBusy ? trans.__('Starting…') : trans.__('Start it'),
    onClick: () => {
      setBusy(true);
      void commands.execute(CommandIDs.startServer).finally(() => setBusy(false));
    },
    isMain: true,
    isBusy
  };
  return (
    <Notice title={titleOf(problem.kind, trans)} actions={problem.kind === 'stopped' ? [start] : [retry]} isAlert>
      <p>{adviceOf(problem, trans)}</p>
    </Notice>
  );
}

function titleOf(kind: ProblemKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'stopped':
      return trans.__('The server is stopped');
    case 'unreachable':
      return trans.__('The server does not answer');
    case 'unauthorized':
      return trans.__('The server refuses the token');
    case 'wrong_target':
      return trans.__('This is not the right address');
    case 'missing':
      return trans.__('Perijove’s part in Jupyter Server is missing');
    case 'offline':
      return trans.__('Jupyter Server does not answer');
    case 'not_found':
      return trans.__('This is gone');
    default:
      return trans.__('That did not work');
  }
}

function adviceOf(problem: Problem, trans: TranslationBundle): string {
  switch (problem.kind) {
    case 'stopped':
      return trans.__('Nothing runs by schedule until it is started again.');
    case 'missing':
      return trans.__(
        'The sidebar is here, but the Jupyter Server extension “perijove.lab” is not, or has another version. ' +
          'Install perijove in the environment that Jupyter Server runs in, and start it again.'
      );
    case 'unauthorized':
      return trans.__('%1 Set PERIJOVE_API_KEY where Jupyter Server is started.', problem.message);
    default:
      return problem.message;
  }
}
