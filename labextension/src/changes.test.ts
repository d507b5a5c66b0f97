import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Changes } from './changes';

const SCHEMA = 'https://events.perijove.dev/change/v1';

function listen(changes: Changes): string[] {
  const heard: string[] = [];
  changes.happened.connect((_, change) => heard.push(`${change.kind} ${change.number}`));
  changes.missed.connect(() => heard.push('missed'));
  return heard;
}

test('changes in their order are told one by one', () => {
  const changes = new Changes();
  const heard = listen(changes);
  for (const number of [7, 8]) {
    changes.take({ schema_id: SCHEMA, number, kind: 'flow_run' } as { schema_id: string });
  }
  changes.take({ schema_id: 'https://events.jupyter.org/other' });
  assert.deepEqual(heard, ['flow_run 7', 'flow_run 8']);
});

test('a gap, and a server that begins anew, are told as something missed', () => {
  const changes = new Changes();
  const heard = listen(changes);
  for (const number of [7, 9, 1]) {
    changes.take({ schema_id: SCHEMA, number, kind: 'flow_run' } as { schema_id: string });
  }
  changes.take({ schema_id: SCHEMA, number: 2, kind: 'connected' } as { schema_id: string });
  assert.deepEqual(heard, ['flow_run 7', 'missed', 'missed', 'missed']);
});
