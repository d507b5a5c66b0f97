import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Deployments, type IRowServer, itemsOf } from './deployments';
import { Problem } from './problem';
import type { ICursor, IPage, IRow } from './rows';

function row(name: string, flow_name = 'flow'): IRow {
  return {
    id: `${flow_name}/${name}`,
    name,
    flow_name,
    paused: false,
    tags: [],
    work_pool_name: null,
    status: null,
    schedules: [],
    next_run: null
  };
}

/** A server with so many pages of two rows each, which notes what it is asked for. */
class Pages implements IRowServer {
  readonly asked: string[] = [];
  failure: Problem | null = null;

  constructor(readonly count: number) {}

  async ask<T>(path: string, body?: unknown): Promise<T> {
    if (this.failure) {
      throw this.failure;
    }
    this.asked.push(path);
    return (path === 'rows' ? this._page((body as { cursor: ICursor }).cursor) : {}) as T;
  }

  private _page({ flow }: ICursor): IPage {
    const next = flow + 1 < this.count ? { flow: flow + 1, deployment: 0 } : null;
    return { rows: [row(`a${flow}`), row(`b${flow}`)], next, total: this.count * 2 };
  }
}

test('each flow has one heading above its deployments', () => {
  const items = itemsOf([row('a', 'x'), row('b', 'x'), row('a', 'y')]);
  assert.deepEqual(
    items.map(item => ('row' in item ? item.row.id : item.flow_name)),
    ['x', 'x/a', 'x/b', 'y', 'y/a']
  );
});

test('pages are loaded one after the other, and no more than asked for', async () => {
  const server = new Pages(3);
  const deployments = new Deployments(server);
  await deployments.refresh();
  assert.equal(deployments.items.length, 3);
  assert.equal(deployments.hasMore, true);
  await Promise.all([deployments.loadMore(), deployments.loadMore()]);
  assert.equal(deployments.items.length, 5);
  await deployments.loadMore();
  await deployments.loadMore();
  assert.equal(deployments.hasMore, false);
  assert.equal(deployments.items.length, 7);
  assert.equal(deployments.total, 6);
});

test('a refresh keeps as many rows as there were', async () => {
  const deployments = new Deployments(new Pages(3));
  await deployments.refresh();
  await deployments.loadMore();
  await deployments.refresh();
  assert.equal(deployments.items.length, 5);
});

test('what was asked for last is shown, whichever answer comes last', async () => {
  const waiting: ((page: IPage) => void)[] = [];
  const server = { ask: <T>(): Promise<T> => new Promise(resolve => waiting.push(resolve as (page: IPage) => void)) };
  const deployments = new Deployments(server);
  const old = deployments.show({ search: 'old' });
  const recent = deployments.show({ search: 'recent' });
  waiting[1]({ rows: [row('recent')], next: null, total: 1 });
  await recent;
  waiting[0]({ rows: [row('old')], next: null, total: 1 });
  await old;
  assert.deepEqual(deployments.items, itemsOf([row('recent')]));
  assert.equal(deployments.isLoading, false);
});

test('a server that stops is a problem until it answers again', async () => {
  const server = new Pages(1);
  const deployments = new Deployments(server);
  await deployments.refresh();
  server.failure = new Problem('stopped', 'It is stopped.');
  await deployments.refresh();
  assert.equal(deployments.problem?.kind, 'stopped');
  server.failure = null;
  await deployments.refresh();
  assert.equal(deployments.problem, null);
});

test('the runs of a row are asked for once, and again when that is wanted', async () => {
  const server = new Pages(1);
  const ask = server.ask.bind(server);
  server.ask = async <T>(path: string, body?: unknown): Promise<T> =>
    path === 'strips'
      ? (server.asked.push(path), { 'flow/a0': { flow_runs: [], next_run: null } } as T)
      : ask<T>(path, body);
  const deployments = new Deployments(server);
  await deployments.loadStrips(['flow/a0']);
  await deployments.loadStrips(['flow/a0']);
  assert.equal(server.asked.length, 1);
  await deployments.loadStrips(['flow/a0'], true);
  assert.equal(server.asked.length, 2);
});

test('a change while the runs are being read is read, too', async () => {
  const answers: (() => void)[] = [];
  const server = { ask: <T>(): Promise<T> => new Promise(resolve => answers.push(() => resolve({} as T))) };
  const deployments = new Deployments(server);
  const first = deployments.loadStrips(['a', 'b']);
  const second = deployments.loadStrips(['a'], true);
  assert.equal(answers.length, 1);
  answers[0]();
  await second;
  await new Promise(resolve => setTimeout(resolve));
  assert.equal(answers.length, 2);
  answers[1]();
  await first;
});

test('a run’s new state is shown before its row is read anew', async () => {
  const run = { id: 'r', name: 'run', state_type: 'RUNNING', state_name: 'Running' };
  const server = { ask: async <T>(): Promise<T> => ({ a: { flow_runs: [run], next_run: null } }) as T };
  const deployments = new Deployments(server);
  await deployments.loadStrips(['a']);
  const change = { number: 1, kind: 'flow_run', deployment_id: 'a' } as const;
  deployments.showState({ ...change, flow_run_id: 'r', state_type: 'FAILED', state_name: 'TimedOut' });
  deployments.showState({ ...change, flow_run_id: 's', name: 'next', state_type: 'PENDING', state_name: 'Pending' });
  deployments.showState({ ...change, flow_run_id: 't', state_type: 'SCHEDULED', state_name: 'Scheduled' });
  assert.deepEqual(
    deployments.strip('a')?.flow_runs.map(({ name, state_name }) => [name, state_name]),
    [
      ['run', 'TimedOut'],
      ['next', 'Pending']
    ]
  );
});
