// What is wrong with a value that was typed, in the user's language. The validator tells it by keywords of JSON Schema.

import type { TranslationBundle } from '@jupyterlab/translation';
import type { RJSFValidationError } from '@rjsf/utils';

/** The mistakes in words; those that only the validator has words for keep its own. */
export function inWords(mistakes: RJSFValidationError[], trans: TranslationBundle): RJSFValidationError[] {
  return mistakes.map(mistake => ({ ...mistake, message: wordsOf(mistake, trans) ?? mistake.message }));
}

function wordsOf({ name, params }: RJSFValidationError, trans: TranslationBundle): string | null {
  const limit = Number(params?.limit);
  switch (name) {
    case 'required':
      return trans.__('A value is required.');
    case 'type':
      return typeWords(String(params?.type), trans);
    case 'enum':
    case 'const':
      return trans.__('It must be one of those to choose from.');
    case 'minimum':
      return trans.__('It must be at least %1.', limit);
    case 'maximum':
      return trans.__('It must be at most %1.', limit);
    case 'exclusiveMinimum':
      return trans.__('It must be more than %1.', limit);
    case 'exclusiveMaximum':
      return trans.__('It must be less than %1.', limit);
    case 'minLength':
      return trans._n('It must have at least %1 character.', 'It must have at least %1 characters.', limit);
    case 'maxLength':
      return trans._n('It may have at most %1 character.', 'It may have at most %1 characters.', limit);
    case 'minItems':
      return trans._n('There must be at least %1 of them.', 'There must be at least %1 of them.', limit);
    case 'maxItems':
      return trans._n('There may be at most %1 of them.', 'There may be at most %1 of them.', limit);
    case 'uniqueItems':
      return trans.__('None may be there twice.');
    case 'pattern':
      return trans.__('It does not match the pattern %1.', String(params?.pattern));
    default:
      return null;
  }
}

function typeWords(type: string, trans: TranslationBundle): string | null {
  switch (type) {
    case 'integer':
      return trans.__('It must be a whole number.');
    case 'number':
      return trans.__('It must be a number.');
    case 'string':
      return trans.__('It must be text.');
    case 'boolean':
      return trans.__('It must be true or false.');
    case 'array':
      return trans.__('It must be a list.');
    case 'object':
      return trans.__('It must be an object: names with values.');
    default:
      return null;
  }
}
