import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type IListServer, Latest } from './latest';

/** A server that has so many things; the latest has the highest number. */
class Things implements IListServer {
  readonly asked: string[] = [];

  constructor(private readonly _count: number) {}

  async post<T>(path: string, body: unknown): Promise<T> {
    this.asked.push(path);
    if (path === 'things/count') {
      return this._count as T;
    }
    const { limit, offset } = body as { limit: number; offset: number };
    const all = Array.from({ length: this._count }, (_, place) => this._count - place);
    return all.slice(offset, offset + limit) as T;
  }
}

test('a few things are all shown, and not counted', async () => {
  const server = new Things(3);
  const latest = new Latest<number>(server, 'things', 'ID_DESC', {});
  await latest.read();
  assert.deepEqual(latest.shown, [3, 2, 1]);
  assert.equal(latest.count, 3);
  assert.deepEqual(server.asked, ['things/filter']);
});

test('of many things the latest are shown, and earlier ones on request', async () => {
  const latest = new Latest<number>(new Things(450), 'things', 'ID_DESC', {});
  await latest.read();
  assert.deepEqual([latest.shown.length, latest.count, latest.shown[199]], [200, 450, 251]);
  latest.widen();
  latest.widen();
  await latest.read();
  assert.deepEqual([latest.shown.length, latest.count, latest.shown[449]], [450, 450, 1]);
});
