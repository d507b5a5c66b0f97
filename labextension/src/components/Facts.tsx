import React from 'react';

import { useSidebar } from '../sidebar';

/** Names and what they stand for; an empty one is left out. */
export function Facts({ facts }: { facts: readonly [string, React.ReactNode][] }): JSX.Element {
  return (
    <dl className="jp-Perijove-facts">
      {facts
        .filter(([, fact]) => Boolean(fact))
        .map(([name, fact]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </React.Fragment>
        ))}
    </dl>
  );
}

/** An instant as it is told from now, with the whole of it on hover; `wall`: as a clock elsewhere shows it, too. */
export function Moment({ instant, now, wall }: { instant: string; now: number; wall?: string }): JSX.Element {
  const { words } = useSidebar();
  return (
    <time dateTime={instant} title={[wall, words.absolute(instant)].filter(Boolean).join(' · ')}>
      {words.relative(instant, now)}
    </time>
  );
}
