// From a deployment's pull steps and entrypoint to a file.

import { asObject } from './parameters';
import type { IDeployment } from './wire';

const DIRECTORY_STEP = 'prefect.deployments.steps.set_working_directory';

/** The file of a deployment's entrypoint, relative to `root`; null when it is not below it, or is no file. */
export function relativePath(
  { pull_steps, entrypoint }: Pick<IDeployment, 'pull_steps' | 'entrypoint'>,
  root: string
): string | null {
  const [file] = entrypoint?.split(':') ?? [];
  if (!file?.endsWith('.py')) {
    return null;
  }
  const steps = (pull_steps ?? []).map(step => asObject(step[DIRECTORY_STEP]).directory);
  const directory = steps.find(step => typeof step === 'string');
  const path = file.startsWith('/') || typeof directory !== 'string' ? file : `${directory}/${file}`;
  const base = root.replace(/\/*$/, '/');
  return path.startsWith(base) ? path.slice(base.length) : null;
}
