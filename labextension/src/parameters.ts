// A deployment's parameters: what its flow takes, and what is missing.

import type { IDeployment, Json, JsonObject } from './wire';

/** The required parameters that have neither a value in the deployment nor a default in its schema. */
export function missingParameters(deployment: IDeployment): string[] {
  const schema = deployment.parameter_openapi_schema ?? {};
  const properties = asObject(schema.properties);
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return required.filter(name => !(name in deployment.parameters) && !('default' in asObject(properties[name])));
}

/** The value, if it is an object; else an empty one. */
export function asObject(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
