import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingParameters } from './parameters';
import type { IDeployment, JsonObject } from './wire';

function deployment(parameters: JsonObject, schema: JsonObject | null): IDeployment {
  return { parameters, parameter_openapi_schema: schema } as IDeployment;
}

const SCHEMA = { required: ['region', 'top'], properties: { region: { type: 'string' }, top: { default: 3 } } };

test('a required parameter without any value is missing', () => {
  assert.deepEqual(missingParameters(deployment({}, SCHEMA)), ['region']);
});

test('a value of the deployment, even null, is a value', () => {
  assert.deepEqual(missingParameters(deployment({ region: null }, SCHEMA)), []);
});

test('a flow without a schema misses nothing', () => {
  assert.deepEqual(missingParameters(deployment({}, null)), []);
});
