// Which deployment a command is about: the one that is named, the one of the page in front, or one that is asked for.

import { InputDialog } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { EVERYTHING, type ICursor, type IPage, type IRow } from './rows';
import type { ISidebar } from './sidebar';

const MOST = 1000; // names to choose from

/** A deployment as the arguments of a command name it. */
export type DeploymentArgs = {
  deployment_id: string;
  name: string;
};

/** The deployment that a command is about; null when the user would rather not say. */
export async function chosenDeployment(
  sidebar: ISidebar,
  args: ReadonlyPartialJSONObject
): Promise<DeploymentArgs | null> {
  const { deployment_id, name } = args.deployment_id ? args : sidebar.inFront();
  return deployment_id ? { deployment_id: String(deployment_id), name: String(name) } : askedFor(sidebar);
}

async function askedFor({ server, trans }: ISidebar): Promise<DeploymentArgs | null> {
  const rows: IRow[] = [];
  let cursor: ICursor | null = { flow: 0, deployment: 0 };
  while (cursor && rows.length < MOST) {
    const page: IPage = await server.ask<IPage>('rows', { ...EVERYTHING, cursor });
    rows.push(...page.rows);
    cursor = page.next;
  }
  const known = new Map(rows.map(({ id, flow_name, name }) => [`${flow_name}/${name}`, id]));
  if (!known.size) {
    throw new Error(trans.__('There are no deployments yet.'));
  }
  const { value } = await InputDialog.getItem({
    title: trans.__('Which deployment?'),
    label: trans.__('Deployment'),
    items: [...known.keys()],
    editable: known.size > 20
  });
  const id = value === null ? undefined : known.get(value);
  if (value && !id) {
    throw new Error(trans.__('There is no deployment %1.', value));
  }
  return value && id ? { deployment_id: id, name: value } : null;
}
