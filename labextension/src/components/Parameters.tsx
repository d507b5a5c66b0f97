import React from 'react';

import { useSidebar } from '../sidebar';
import type { JsonObject } from '../wire';
import { Facts } from './Facts';

/** Parameters with their values as JSON. */
export function Parameters({ parameters }: { parameters: JsonObject }): JSX.Element {
  const { trans } = useSidebar();
  const names = Object.keys(parameters);
  if (!names.length) {
    return <p className="jp-Perijove-quiet">{trans.__('none: the flow’s defaults')}</p>;
  }
  return <Facts facts={names.map(name => [name, <code key={name}>{JSON.stringify(parameters[name])}</code>])} />;
}
