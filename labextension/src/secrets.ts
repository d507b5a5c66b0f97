// Secret parameters are not shown. Which these are, the server's side says: one rule for notebooks, terminals and pages.

import type { Server } from './server';
import type { JsonObject } from './wire';

/** What is shown in a secret's place. */
export const HIDDEN = '••••••••';

/** The deployment's parameters that are a secret, or hold one. */
export function secretsOf(server: Pick<Server, 'ask'>, deployment_id: string): Promise<string[]> {
  return server.ask<string[]>(`secrets/${deployment_id}`);
}

/** The parameters as they may be shown. */
export function hidden(parameters: JsonObject, secrets: readonly string[]): JsonObject {
  return changed(parameters, (name, value) => (secrets.includes(name) ? HIDDEN : value));
}

/** Parameters that come back from a form, with what they were before where that was hidden. */
export function restored(parameters: JsonObject, before: JsonObject): JsonObject {
  return changed(parameters, (name, value) => (value === HIDDEN && name in before ? before[name] : value));
}

function changed<T>(parameters: JsonObject, by: (name: string, value: JsonObject[string]) => T): { [name: string]: T } {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, by(name, value)]));
}
