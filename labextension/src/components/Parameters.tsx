import React from 'react';

import { hidden } from '../secrets';
import { useSidebar } from '../sidebar';
import type { JsonObject } from '../wire';
import { Facts } from './Facts';

interface IParametersProps {
  parameters: JsonObject;
  /** Those that are not shown; null: not known yet. */
  secrets: readonly string[] | null;
}

/** Parameters with their values as JSON. */
export function Parameters({ parameters, secrets }: IParametersProps): JSX.Element {
  const { trans } = useSidebar();
  const names = Object.keys(parameters);
  if (!names.length) {
    return <p className="jp-Perijove-quiet">{trans.__('none: the flow’s defaults')}</p>;
  }
  const shown = hidden(parameters, secrets ?? names);
  return <Facts facts={names.map(name => [name, <code key={name}>{JSON.stringify(shown[name])}</code>])} />;
}
