// The log of a run: what was written so far, and what is pushed as it is written.

import { type ISignal, Signal } from '@lumino/signaling';

import type { ILog } from './wire';

const PAGE = 200; // lines that the wire gives at once
const SHORTEST_PAUSE = 1000; // milliseconds until a connection that broke is opened again
const LONGEST_PAUSE = 30_000;

/** Lines that are kept: more would fill the page's memory. */
export const MOST = 10_000;

/** What a log needs of a server. */
export interface ILogServer {
  post<T>(path: string, body?: unknown): Promise<T>;
  open(path: string): WebSocket;
}

/** The last lines of a flow run's log, in their order. */
export class RunLog {
  constructor(
    private readonly _server: ILogServer,
    readonly id: string
  ) {}

  /** There are more lines. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** At most `MOST`. */
  get lines(): readonly ILog[] {
    return this._lines;
  }

  /** Whether there are lines before those in `lines`. */
  get hasEarlier(): boolean {
    return this._hasEarlier;
  }

  /** Have lines pushed from now on, and read those that there are already. */
  follow(): void {
    if (!this._socket) {
      this._isWanted = true;
      this._connect();
    }
  }

  /** Have no lines pushed any more. */
  stop(): void {
    this._isWanted = false;
    clearTimeout(this._timer);
    this._socket?.close();
    this._socket = null;
  }

  /** Read what is not known yet, the latest lines first. */
  async catchUp(): Promise<void> {
    let newest: string | null = null;
    for (let offset = 0; offset < MOST; offset += PAGE) {
      const page = await this._page('TIMESTAMP_DESC', offset);
      newest ??= page[0]?.id ?? null;
      this._take([...page].reverse());
      if (page.length < PAGE || page.some(({ id }) => id === this._newest)) {
        this._newest = newest ?? this._newest;
        return;
      }
    }
    this._newest = newest;
    this._hasEarlier = true;
  }

  /** Every line, the first ones too, a page at a time. */
  async *all(): AsyncGenerator<readonly ILog[]> {
    for (let offset = 0; ; offset += PAGE) {
      const page = await this._page('TIMESTAMP_ASC', offset);
      yield page;
      if (page.length < PAGE) {
        return;
      }
    }
  }

  private async _page(sort: string, offset: number): Promise<ILog[]> {
    const logs = { flow_run_id: { any_: [this.id] } };
    return this._server.post<ILog[]>('logs/filter', { logs, sort, limit: PAGE, offset });
  }

  private _connect(): void {
    const socket = this._server.open(`logs/${this.id}`);
    this._socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const { logs } = JSON.parse(data) as { logs: ILog[] };
      if (logs.length) {
        this._take(logs);
      } else {
        this._pause = SHORTEST_PAUSE;
        void this.catchUp().catch(() => socket.close()); // and once more, when it is open again
      }
    };
    socket.onclose = () => {
      if (this._socket === socket) {
        this._socket = null;
        this._timer = setTimeout(() => this._isWanted && this.follow(), this._pause);
        this._pause = Math.min(this._pause * 2, LONGEST_PAUSE);
      }
    };
  }

  private _take(logs: readonly ILog[]): void {
    const fresh = logs.filter(({ id }) => !this._known.has(id) && this._known.add(id));
    if (!fresh.length) {
      return;
    }
    const last = this._lines[this._lines.length - 1];
    const lines = [...this._lines, ...fresh];
    if (last && inOrder(fresh[0], last) < 0) {
      lines.sort(inOrder);
    }
    for (const { id } of lines.splice(0, Math.max(lines.length - MOST, 0))) {
      this._known.delete(id);
      this._hasEarlier = true;
    }
    this._lines = lines;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _known = new Set<string>();
  private _lines: readonly ILog[] = [];
  private _hasEarlier = false;
  private _newest: string | null = null;
  private _socket: WebSocket | null = null;
  private _isWanted = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _pause = SHORTEST_PAUSE;
}

/** Date knows milliseconds, the wire microseconds. */
function inOrder(one: ILog, other: ILog): number {
  const apart = Date.parse(one.timestamp) - Date.parse(other.timestamp);
  return apart || (one.timestamp < other.timestamp ? -1 : Number(one.timestamp > other.timestamp));
}
