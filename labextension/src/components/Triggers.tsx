import React from 'react';

import type { ITrigger } from '../deployment';
import { useSidebar } from '../sidebar';
import { told } from '../telling';
import { Section } from './Section';
import { Switch } from './Switch';

interface ITriggersProps {
  triggers: readonly ITrigger[];
  onChanged: () => Promise<void>;
}

/** What sets a deployment off beside its schedules, or acts on it. */
export function Triggers({ triggers, onChanged }: ITriggersProps): JSX.Element {
  const sidebar = useSidebar();
  const { server, trans } = sidebar;
  const set = ({ id, enabled }: ITrigger): void =>
    void told(sidebar, async () => {
      await server.patch(`automations/${id}`, { enabled: !enabled });
      await onChanged();
    });
  return (
    <Section title={trans.__('Triggers')}>
      {triggers.length ? (
        <ul className="jp-Perijove-schedules">
          {triggers.map(trigger => (
            <li key={trigger.id}>
              <Switch
                label={trigger.enabled ? trans.__('Pause %1', trigger.name) : trans.__('Resume %1', trigger.name)}
                isOn={trigger.enabled}
                onClick={() => set(trigger)}
              />
              <span className="jp-Perijove-scheduleWords">
                <strong>{trigger.name}</strong>: <span className="jp-Perijove-lines">{trigger.when.join('\n')}</span>
                {trigger.of.length > 0 && ` ${trans.__('of %1', trigger.of.join(', '))}`}
              </span>
              <span className="jp-Perijove-quiet">{trigger.actions.join(', ')}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="jp-Perijove-quiet">{trans.__('none: %deploy --trigger makes one')}</p>
      )}
    </Section>
  );
}
