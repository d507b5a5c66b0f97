import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fieldErrors, fieldLooks, formSchema } from './schema';
import type { JsonObject } from './wire';

test('an optional parameter is a field that may stay empty', () => {
  const opt: JsonObject = { title: 'opt', default: null, anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] };
  assert.deepEqual(formSchema({ properties: { opt } }), {
    properties: { opt: { title: 'opt', type: 'integer', minimum: 1 } }
  });
});

test('a choice of two types stays a choice', () => {
  const schema = { anyOf: [{ type: 'integer' }, { type: 'string' }, { type: 'null' }] };
  assert.deepEqual(formSchema(schema), schema);
});

test('an optional in a definition is found too', () => {
  const schema = { definitions: { M: { properties: { y: { anyOf: [{ type: 'string' }, { type: 'null' }] } } } } };
  assert.deepEqual(formSchema(schema), { definitions: { M: { properties: { y: { type: 'string' } } } } });
});

test('parameters are in the order of the signature, and free ones are JSON', () => {
  const looks = fieldLooks({
    properties: {
      any: { position: 2 },
      name: { position: 0, type: 'string' },
      kind: { position: 1, $ref: '#/definitions/Kind' },
      settings: { position: 3, type: 'object', additionalProperties: true },
      rows: { position: 4, type: 'array', items: { type: 'object' } },
      tags: { position: 5, type: 'array', items: { type: 'string' } }
    },
    definitions: { Kind: { enum: ['a'] } }
  });
  assert.deepEqual(looks['ui:order'], ['name', 'kind', 'any', 'settings', 'rows', 'tags', '*']);
  assert.deepEqual(Object.keys(looks).slice(1), ['any', 'settings', 'rows']);
});

test('what the server refuses stands at its field', () => {
  const told =
    "Error creating flow run: Validation failed for field 'm.x'. Failure reason: 'a' is not of type 'integer'";
  assert.deepEqual(fieldErrors(told), { m: { x: { __errors: ["'a' is not of type 'integer'"] } } });
  assert.equal(fieldErrors("Error: Validation failed. Failure reason: 'a' is a required property"), null);
});
