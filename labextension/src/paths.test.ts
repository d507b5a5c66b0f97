import assert from 'node:assert/strict';
import { test } from 'node:test';

import { relativePath } from './paths';

const STEPS = [{ 'prefect.deployments.steps.set_working_directory': { directory: '/notebooks/work' } }];

test('a file below the root is named from there', () => {
  const deployment = { pull_steps: STEPS, entrypoint: 'perijove_exports/report.py:report' };
  assert.equal(relativePath(deployment, '/notebooks'), 'work/perijove_exports/report.py');
  assert.equal(relativePath(deployment, '/notebooks/work/'), 'perijove_exports/report.py');
});

test('a file elsewhere can not be opened', () => {
  const deployment = { pull_steps: STEPS, entrypoint: 'report.py:report' };
  assert.equal(relativePath(deployment, '/notebooks/other'), null);
  assert.equal(relativePath(deployment, '/home/ad'), null);
  assert.equal(relativePath({ pull_steps: null, entrypoint: 'report.py:report' }, '/notebooks'), null);
});

test('a module is no file', () => {
  assert.equal(relativePath({ pull_steps: STEPS, entrypoint: 'reports.daily:report' }, '/notebooks'), null);
});
