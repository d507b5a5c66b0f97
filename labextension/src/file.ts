// Where a deployment's file is, as JupyterLab's file browser names it.

import { PageConfig } from '@jupyterlab/coreutils';

import { relativePath } from './paths';
import type { IDeployment } from './wire';

/** The path of the deployment's file below JupyterLab's root; null when it is elsewhere. */
export function pathOf(deployment: IDeployment): string | null {
  return relativePath(deployment, PageConfig.getOption('serverRoot'));
}
