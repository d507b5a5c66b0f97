import React from 'react';

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

/** An instant as it is told from now, with the whole of it on hover. */
export function Moment({ instant, words, title }: { instant: string; words: string; title: string }): JSX.Element {
  return (
    <time dateTime={instant} title={title}>
      {words}
    </time>
  );
}
