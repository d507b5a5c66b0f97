// Things of which there may be many: the latest are read, and those before them on request.

import { inPages, PAGE } from './inPages';
import type { JsonObject } from './wire';

/** What the latest things need of a server. */
export interface IListServer {
  post<T>(path: string, body?: unknown): Promise<T>;
}

/** The latest things of one kind, such as `task_runs`, that are as was `asked`. */
export class Latest<T> {
  constructor(
    private readonly _server: IListServer,
    private readonly _kind: string,
    private readonly _sort: string,
    private readonly _asked: JsonObject
  ) {}

  /** The latest first. */
  shown: readonly T[] = [];
  /** How many there are, shown or not. */
  count = 0;

  /** Have the next reading read more. */
  widen(): void {
    this._most += PAGE;
  }

  /** Read anew. They are counted only where there may be more than are read. */
  async read(): Promise<void> {
    const shown = await inPages(this._most, page =>
      this._server.post<T[]>(`${this._kind}/filter`, { ...this._asked, sort: this._sort, ...page })
    );
    this.count =
      shown.length < this._most ? shown.length : await this._server.post<number>(`${this._kind}/count`, this._asked);
    this.shown = shown;
  }

  private _most = PAGE;
}
