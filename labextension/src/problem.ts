// What can stand between the sidebar and its server, as named states.

/**
 * - `stopped`: the embedded server does not run.
 * - `unreachable`: nothing answers at the target's address.
 * - `unauthorized`: the target refuses the token.
 * - `wrong_target`: what answers there is not this API.
 * - `missing`: Jupyter Server has no Perijove extension, or another version of it.
 * - `offline`: Jupyter Server itself does not answer.
 * - `not_found`, `invalid`, `failed`: the target refuses this one request.
 */
export type ProblemKind =
  | 'stopped'
  | 'unreachable'
  | 'unauthorized'
  | 'wrong_target'
  | 'missing'
  | 'offline'
  | 'not_found'
  | 'invalid'
  | 'failed';

const TOLD: readonly string[] = [
  'stopped',
  'unreachable',
  'unauthorized',
  'wrong_target',
  'not_found',
  'invalid',
  'failed'
] satisfies ProblemKind[];

/** A request that was not answered as it should; its message, if it has one, is the server's, for the user. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    message = '',
    readonly status: number | null = null
  ) {
    super(message);
  }
}

/** The problem that an answer's status and JSON tell of. */
export function problemOf(status: number, body: unknown): Problem {
  const { kind, message } = (body ?? {}) as { kind?: unknown; message?: unknown };
  const words = typeof message === 'string' ? message : '';
  if (typeof kind === 'string' && TOLD.includes(kind)) {
    return new Problem(kind as ProblemKind, words, status);
  }
  return new Problem(status === 404 ? 'missing' : 'failed', words, status);
}

/** Anything that was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem
    ? error
    : new Problem('failed', error instanceof Error ? error.message : String(error));
}

/** Whether the server as a whole can't be used, not this one request alone. */
export function isOfServer(problem: Problem): boolean {
  return !['not_found', 'invalid', 'failed'].includes(problem.kind);
}
