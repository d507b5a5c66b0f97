import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TranslationBundle } from '@jupyterlab/translation';
import type { RJSFValidationError } from '@rjsf/utils';

import { inWords } from './validationWords';

/** English, as it is written. */
const trans = {
  __: (text: string, ...args: unknown[]) => text.replace(/%(\d)/g, (_, place) => String(args[Number(place) - 1])),
  _n: (one: string, many: string, count: number) => (count === 1 ? one : many).replace('%1', String(count))
} as unknown as TranslationBundle;

function said(name: string, params: object, message = 'the validator’s own words'): string | undefined {
  const mistake: RJSFValidationError = { name, params, message, stack: '', property: '.x' };
  return inWords([mistake], trans)[0].message;
}

test('a mistake is told in words by its keyword', () => {
  assert.equal(said('required', { missingProperty: 'x' }), 'A value is required.');
  assert.equal(said('type', { type: 'integer' }), 'It must be a whole number.');
  assert.equal(said('maximum', { limit: 9 }), 'It must be at most 9.');
  assert.equal(said('minLength', { limit: 1 }), 'It must have at least 1 character.');
});

test('a mistake of another kind keeps the validator’s words', () => {
  assert.equal(said('dependencies', {}), 'the validator’s own words');
});
