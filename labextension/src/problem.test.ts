import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asProblem, isOfServer, Problem, problemOf } from './problem';

test('the extension says itself what is wrong', () => {
  const problem = problemOf(503, { kind: 'stopped', message: 'The server is stopped.' });
  assert.equal(problem.kind, 'stopped');
  assert.equal(problem.message, 'The server is stopped.');
});

test('a route that Jupyter Server does not know means that the extension is missing', () => {
  assert.equal(problemOf(404, { message: 'Not Found', reason: null }).kind, 'missing');
  assert.equal(problemOf(404, { kind: 'not_found', message: 'Deployment not found' }).kind, 'not_found');
});

test('a kind that is not known is no state of its own', () => {
  assert.equal(problemOf(500, { kind: '<img>' }).kind, 'failed');
  assert.equal(problemOf(500, null).status, 500);
});

test('a refusal of one request leaves the panel as it is', () => {
  assert.equal(isOfServer(new Problem('invalid', '')), false);
  assert.equal(isOfServer(new Problem('stopped', '')), true);
  assert.equal(asProblem(new TypeError('no')).kind, 'failed');
});
