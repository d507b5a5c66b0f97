// The sidebar's own pictures; all others are JupyterLab's.

import { LabIcon } from '@jupyterlab/ui-components';

import deploymentsSvg from '../style/icons/deployments.svg';

/** A moon on its orbit. */
export const deploymentsIcon = new LabIcon({ name: 'perijove:deployments', svgstr: deploymentsSvg });
