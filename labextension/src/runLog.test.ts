import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ILogServer, MOST, RunLog } from './runLog';
import type { ILog } from './wire';

function line(number: number): ILog {
  const timestamp = new Date(number * 1000).toISOString();
  return { id: String(number), level: 20, name: 'x', message: `line ${number}`, timestamp };
}

class Socket {
  onmessage: (message: { data: string }) => void = () => undefined;
  onclose: () => void = () => undefined;
  close(): void {
    this.onclose();
  }
  push(...logs: ILog[]): void {
    this.onmessage({ data: JSON.stringify({ logs }) });
  }
}

/** A server that has so many lines. */
class Lines implements ILogServer {
  readonly socket = new Socket();
  asked = 0;

  constructor(public count: number) {}

  async post<T>(_: string, body: unknown): Promise<T> {
    this.asked++;
    const { sort, limit, offset } = body as { sort: string; limit: number; offset: number };
    const all = Array.from({ length: this.count }, (_, place) => line(place));
    const ordered = sort === 'TIMESTAMP_DESC' ? all.reverse() : all;
    return ordered.slice(offset, offset + limit) as T;
  }

  open(): WebSocket {
    return this.socket as unknown as WebSocket;
  }
}

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5));

test('lines that were written before and lines that are pushed are one log, in order and without doubles', async () => {
  const server = new Lines(450);
  const log = new RunLog(server, 'run');
  log.follow();
  server.socket.push(line(450)); // pushed before it is told that it listens
  server.socket.push();
  server.count = 452;
  server.socket.push(line(451), line(451));
  await settled();
  assert.deepEqual(
    log.lines.map(({ id }) => Number(id)),
    Array.from({ length: 452 }, (_, place) => place)
  );
  assert.equal(log.hasEarlier, false);
  log.stop();
});

test('a connection that breaks costs no line, and no second reading of all', async () => {
  const server = new Lines(1000);
  const log = new RunLog(server, 'run');
  await log.catchUp();
  const asked = server.asked;
  server.count = 1005;
  await log.catchUp();
  assert.equal(log.lines.length, 1005);
  assert.equal(server.asked, asked + 1);
});

test('a long log keeps its end, and says that there is more', async () => {
  const log = new RunLog(new Lines(MOST + 500), 'run');
  await log.catchUp();
  assert.equal(log.lines.length, MOST);
  assert.equal(log.lines[MOST - 1].id, String(MOST + 499));
  assert.equal(log.hasEarlier, true);
});

test('all of a long log can be read, without keeping it', async () => {
  const log = new RunLog(new Lines(MOST + 500), 'run');
  let count = 0;
  for await (const page of log.all()) {
    count += page.length;
  }
  assert.equal(count, MOST + 500);
  assert.equal(log.lines.length, 0);
});
