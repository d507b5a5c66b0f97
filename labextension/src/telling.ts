// What went wrong, told in a notification.

import { Notification } from '@jupyterlab/apputils';

import { asProblem, isOfServer } from './problem';
import { adviceOf, titleOf } from './problemWords';
import type { ISidebar } from './sidebar';

/** Do something, and tell what went wrong; a while only, where the panel shows it as its own state. */
export async function told({ trans }: Pick<ISidebar, 'trans'>, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const problem = asProblem(error);
    if (isOfServer(problem)) {
      Notification.error(`${titleOf(problem.kind, trans)}. ${adviceOf(problem, trans)}`, { autoClose: 5000 });
    } else {
      Notification.error(adviceOf(problem, trans), { autoClose: false });
    }
  }
}
