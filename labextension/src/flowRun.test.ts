import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FlowRun, type IRunServer } from './flowRun';

/** A server with one run, which goes on and has shown so much of its work. */
class OneRun implements IRunServer {
  readonly asked: string[] = [];
  progress = 10;

  async ask<T>(path: string): Promise<T> {
    return this._told(path, null);
  }

  async get<T>(path: string): Promise<T> {
    const flow_run = { id: 'r', name: 'x', flow_id: 'f', state_type: 'RUNNING' };
    return this._told(path, path.startsWith('flow_run_states') ? [] : flow_run);
  }

  async post<T>(path: string): Promise<T> {
    return this._told(path, path === 'artifacts/filter' ? [{ id: 'a', type: 'progress', data: this.progress }] : []);
  }

  open(): WebSocket {
    return { close: () => undefined } as unknown as WebSocket;
  }

  private _told<T>(path: string, answer: unknown): T {
    this.asked.push(path);
    return answer as T;
  }
}

test('when progress is told of, nothing but artifacts is read', async () => {
  const server = new OneRun();
  const run = new FlowRun(server, 'r');
  await run.follow();
  server.progress = 60;
  server.asked.length = 0;
  await run.follow({ number: 1, kind: 'artifacts', flow_run_id: 'r' });
  assert.deepEqual(server.asked, ['artifacts/filter']);
  assert.equal(run.artifacts.shown[0].data, 60);
  run.stop();
});
