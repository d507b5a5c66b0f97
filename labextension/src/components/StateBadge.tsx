import React from 'react';

import { lookOf } from '../states';
import type { StateType } from '../wire';

/** A state by its name, its sign and its colour. */
export function StateBadge({ type, name }: { type: StateType | null; name: string | null }): JSX.Element {
  const { tone, sign } = lookOf(type);
  return (
    <span className={`jp-Perijove-badge jp-mod-${tone}`}>
      <span aria-hidden="true">{sign} </span>
      {name ?? '?'}
    </span>
  );
}
