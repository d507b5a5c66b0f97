import React, { useState } from 'react';

import { CommandIDs } from '../commands';
import type { Problem } from '../problem';
import { adviceOf, titleOf } from '../problemWords';
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
