// Problems in the user's language.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Problem, ProblemKind } from './problem';

/** What a kind of problem is called. */
export function titleOf(kind: ProblemKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'stopped':
      return trans.__('The server is stopped');
    case 'unreachable':
      return trans.__('The server does not answer');
    case 'unauthorized':
      return trans.__('The server refuses the token');
    case 'wrong_target':
      return trans.__('This is not the right address');
    case 'missing':
      return trans.__('Perijove’s part in Jupyter Server is missing');
    case 'offline':
      return trans.__('Jupyter Server does not answer');
    case 'not_found':
      return trans.__('This is gone');
    default:
      return trans.__('That did not work');
  }
}

/** What a problem means and what to do about it. What the target says is told as it says it. */
export function adviceOf(problem: Problem, trans: TranslationBundle): string {
  switch (problem.kind) {
    case 'stopped':
      return trans.__('Nothing runs by schedule until it is started again.');
    case 'missing':
      return trans.__(
        'The sidebar is here, but the Jupyter Server extension “perijove.lab” is not, or has another version. Install perijove in the environment that Jupyter Server runs in, and start it again.'
      );
    case 'offline':
      return trans.__('Is it still running? Perijove asks again by itself.');
    case 'unauthorized':
      return trans.__('%1 Set PERIJOVE_API_KEY where Jupyter Server is started.', problem.message);
    default:
      return (
        problem.message || trans.__('Jupyter Server answered with nothing but the status %1.', problem.status ?? '?')
      );
  }
}
