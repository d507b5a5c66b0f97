import React from 'react';

import { useSidebar } from '../sidebar';
import { stateWords } from '../stateNames';
import { lookOf } from '../states';
import type { StateType } from '../wire';

/** A state by its name, its sign and its colour. */
export function StateBadge({ type, name }: { type: StateType | null; name: string | null }): JSX.Element {
  const { trans } = useSidebar();
  const { tone, sign } = lookOf(type);
  return (
    <span className={`jp-Perijove-badge jp-mod-${tone}`}>
      <span aria-hidden="true">{sign} </span>
      {stateWords(name, trans)}
    </span>
  );
}
