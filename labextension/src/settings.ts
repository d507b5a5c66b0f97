// What the user can set, in JupyterLab's settings editor.

import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/** The settings, as `schema/plugin.json` describes them. */
export interface ISettings {
  notifyFailed: boolean;
  notifyCompleted: boolean;
}

/** The settings as they are, now and whenever they are changed; the defaults where there is no settings editor. */
export function keepSettings(id: string, registry: ISettingRegistry | null): ISettings {
  const kept: ISettings = { notifyFailed: true, notifyCompleted: false };
  void registry?.load(id).then(settings => {
    const take = (): void => void Object.assign(kept, settings.composite);
    settings.changed.connect(take);
    take();
  });
  return kept;
}
