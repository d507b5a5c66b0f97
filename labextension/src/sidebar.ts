// What every part of the sidebar may need, handed down once.

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React from 'react';

import type { Changes } from './changes';
import type { Deployments } from './deployments';
import type { ScheduleWords } from './scheduleWords';
import type { Server } from './server';
import type { ISettings } from './settings';
import type { Words } from './words';

/** The parts of the sidebar that exist once. */
export interface ISidebar {
  changes: Changes;
  commands: CommandRegistry;
  deployments: Deployments;
  /** The arguments of the command that opens the page in front; none where that is no page of the sidebar’s. */
  inFront: () => ReadonlyPartialJSONObject;
  rendermime: IRenderMimeRegistry;
  scheduleWords: ScheduleWords;
  server: Server;
  settings: ISettings;
  trans: TranslationBundle;
  words: Words;
}

const Context = React.createContext<ISidebar | null>(null);

/** Hands the sidebar's parts down to the components below. */
export const SidebarProvider = Context.Provider;

/** The sidebar's parts. */
export function useSidebar(): ISidebar {
  const sidebar = React.useContext(Context);
  if (!sidebar) {
    throw new Error('A component of the sidebar stands outside of it.');
  }
  return sidebar;
}
