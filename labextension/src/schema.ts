// A flow's parameter schema as a form wants it, and what the server refuses as errors of the form's fields.

import { asObject } from './parameters';
import type { Json, JsonObject } from './wire';

/** How the fields of a form are shown: rjsf's `uiSchema`. */
export type FieldLooks = { [name: string]: Json | FieldLooks };

/** The schema with `X or nothing` as an optional X: as a choice it would be a list of two nameless things. */
export function formSchema(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(optional(schema)).map(([key, value]) => [key, within(value)]));
}

function within(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(within);
  }
  return value !== null && typeof value === 'object' ? formSchema(value) : value;
}

function optional(schema: JsonObject): JsonObject {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) {
    return schema;
  }
  const left = anyOf.filter(choice => asObject(choice).type !== 'null');
  if (left.length !== 1 || left.length === anyOf.length) {
    return schema;
  }
  if (rest.default === null) {
    delete rest.default;
  }
  return { ...asObject(left[0]), ...rest };
}

/** The order of a flow's parameters, and a field of JSON for those that a form has no field for. */
export function fieldLooks(schema: JsonObject): FieldLooks {
  const properties = asObject(schema.properties);
  const definitions = { ...asObject(schema.definitions), ...asObject(schema.$defs) };
  const names = Object.keys(properties).sort(
    (one, other) => Number(asObject(properties[one]).position) - Number(asObject(properties[other]).position)
  );
  const free = names.filter(name => isFree(asObject(properties[name]), definitions));
  return {
    'ui:order': [...names, '*'],
    ...Object.fromEntries(free.map(name => [name, { 'ui:field': 'json' }]))
  };
}

/** Whether the schema says too little for a form: any value, any object, a list of anything. */
function isFree(schema: JsonObject, definitions: JsonObject): boolean {
  if (typeof schema.$ref === 'string') {
    return isFree(asObject(definitions[schema.$ref.split('/').pop() ?? '']), definitions);
  }
  if (schema.anyOf || schema.oneOf || schema.allOf || schema.enum || 'const' in schema) {
    return false;
  }
  switch (schema.type) {
    case 'object':
      return !Object.keys(asObject(schema.properties)).length;
    case 'array':
      return isFree(asObject(schema.items), definitions);
    default:
      return typeof schema.type !== 'string';
  }
}

/** The errors of a form: rjsf's `extraErrors`. */
export type FieldErrors = { [name: string]: FieldErrors | string[] };

const REFUSAL = /Validation failed(?: for field '([^']+)')?\. Failure reason: ([\s\S]+)$/;

/** What the server refuses, at its field; null when it is not about a field. */
export function fieldErrors(message: string): FieldErrors | null {
  const [, place, reason] = REFUSAL.exec(message) ?? [];
  if (!place || !reason) {
    return null;
  }
  return place.split('.').reduceRight<FieldErrors>((errors, name) => ({ [name]: errors }), { __errors: [reason] });
}
