import React from 'react';

import { useSidebar } from '../sidebar';
import { stateWords } from '../stateNames';
import { lookOf } from '../states';
import type { StateType } from '../wire';

/** A state by its name, its sign and its colour. */
export function StateBadge({ type, name }: { type: StateType | null; name: string | null }): JSX.Element {
  const { trans } = useSidebar();
  const { tone, sign } = lookOf(type);
  const words = stateWords(name, trans);
  return (
    <span className={`jp-Perijove-badge jp-mod-${tone}`} title={words}>
      <span aria-hidden="true">{sign} </span>
      <span className="jp-Perijove-badgeName">{words}</span>
    </span>
  );
}
