// The deployments that the panel has loaded, in their order, and what loads more of them.

import { type ISignal, Signal } from '@lumino/signaling';

import type { IChange } from './changes';
import { asProblem, type Problem } from './problem';
import { EVERYTHING, type ICursor, type IPage, type IRow, type IRowFilter, type IStrip } from './rows';

/** What the list needs of a server. */
export interface IRowServer {
  ask<T>(path: string, body?: unknown): Promise<T>;
}

const UNKNOWN = { expected_start_time: null, start_time: null, end_time: null, total_run_time: 0 };

/** An item of the list: a flow's heading, or one of its deployments. */
export type Item = { flow_name: string } | { row: IRow };

/** Deployments a page at a time, with the runs of those that can be seen. */
export class Deployments {
  constructor(private readonly _server: IRowServer) {}

  /** Something else is to be shown. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get items(): readonly Item[] {
    return this._items;
  }

  /** Deployments that there are in all; null until that is known. */
  get total(): number | null {
    return this._total;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  get isLoading(): boolean {
    return this._loading !== null;
  }

  /** Whether there are rows beyond those in `items`. */
  get hasMore(): boolean {
    return this._next !== null;
  }

  get filter(): IRowFilter {
    return this._filter;
  }

  /** Show what another filter asks for. */
  async show(filter: Partial<IRowFilter>): Promise<void> {
    this._filter = { ...this._filter, ...filter };
    await this.refresh();
  }

  /** Load as many rows anew as there are now, and the strips of those that can be seen. */
  async refresh(): Promise<void> {
    const wanted = Math.max(this._rows.length, 1);
    const generation = ++this._generation;
    await this._load(generation, async () => {
      const rows: IRow[] = [];
      let page: IPage = await this._page({ flow: 0, deployment: 0 });
      rows.push(...page.rows);
      while (page.next && rows.length < wanted) {
        page = await this._page(page.next);
        rows.push(...page.rows);
      }
      return { ...page, rows };
    });
    await this.loadStrips(this._seen, true);
  }

  /** Load the next page, unless one is being loaded. */
  async loadMore(): Promise<void> {
    const next = this._next;
    if (next && !this._loading) {
      await this._load(this._generation, async () => {
        const page = await this._page(next);
        return { ...page, rows: [...this._rows, ...page.rows] };
      });
    }
  }

  /** The latest runs of a deployment; undefined until they are loaded. */
  strip(deployment_id: string): IStrip | undefined {
    return this._strips.get(deployment_id);
  }

  /** These deployments can be seen now. */
  async see(deployment_ids: readonly string[]): Promise<void> {
    this._seen = deployment_ids;
    await this.loadStrips(deployment_ids);
  }

  /** Load the latest runs of these deployments; `again`: also of those that are known. */
  async loadStrips(deployment_ids: readonly string[], again = false): Promise<void> {
    const wanted = deployment_ids.filter(id => (again || !this._strips.has(id)) && !this._asked.has(id));
    if (again) {
      deployment_ids.filter(id => this._asked.has(id)).forEach(id => this._changedMeanwhile.add(id));
    }
    if (!wanted.length) {
      return;
    }
    wanted.forEach(id => this._asked.add(id));
    try {
      const found = await this._server.ask<Record<string, IStrip>>('strips', { deployment_ids: wanted });
      const current = Object.entries(found).filter(([id]) => !this._changedMeanwhile.has(id));
      current.forEach(([id, strip]) => this._strips.set(id, strip));
    } catch (error) {
      this._problem = asProblem(error);
    } finally {
      wanted.forEach(id => this._asked.delete(id));
    }
    this._changed.emit();
    const changed = wanted.filter(id => this._changedMeanwhile.delete(id));
    await this.loadStrips(changed, true);
  }

  /** Show a run's new state, before the row's runs are read anew. */
  showState({ deployment_id = '', flow_run_id = '', name = '', state_type, state_name = '' }: IChange): void {
    const strip = this._strips.get(deployment_id);
    if (!strip || !state_type || state_type === 'SCHEDULED') {
      return;
    }
    const state = { state_type, state_name };
    const runs = strip.flow_runs;
    const flow_runs = runs.some(({ id }) => id === flow_run_id)
      ? runs.map(run => (run.id === flow_run_id ? { ...run, ...state } : run))
      : [...runs, { ...UNKNOWN, id: flow_run_id, name, ...state }];
    this._strips.set(deployment_id, { ...strip, flow_runs });
    this._changed.emit();
  }

  /** Show a deployment as paused or not, before the server has said so. */
  setPaused(deployment_id: string, paused: boolean): void {
    this._rows = this._rows.map(row => (row.id === deployment_id ? { ...row, paused } : row));
    this._items = itemsOf(this._rows);
    this._changed.emit();
  }

  private async _page(cursor: ICursor): Promise<IPage> {
    return this._server.ask<IPage>('rows', { ...this._filter, cursor });
  }

  /** Take what `load` gives, unless something newer was asked for in the meantime. */
  private async _load(generation: number, load: () => Promise<IPage>): Promise<void> {
    const loading = load();
    this._loading = loading;
    this._changed.emit();
    try {
      const page = await loading;
      if (generation === this._generation) {
        this._rows = page.rows;
        this._items = itemsOf(page.rows);
        this._next = page.next;
        this._total = page.total;
        this._problem = null;
      }
    } catch (error) {
      if (generation === this._generation) {
        this._problem = asProblem(error);
      }
    } finally {
      if (this._loading === loading) {
        this._loading = null;
      }
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _strips = new Map<string, IStrip>();
  private readonly _asked = new Set<string>();
  private readonly _changedMeanwhile = new Set<string>();
  private _seen: readonly string[] = [];
  private _filter = EVERYTHING;
  private _rows: IRow[] = [];
  private _items: Item[] = [];
  private _next: ICursor | null = null;
  private _total: number | null = null;
  private _problem: Problem | null = null;
  private _loading: Promise<IPage> | null = null;
  private _generation = 0;
}

/** The rows with a heading before the first of each flow. */
export function itemsOf(rows: readonly IRow[]): Item[] {
  return rows.flatMap((row, place) =>
    row.flow_name === rows[place - 1]?.flow_name ? [{ row }] : [{ flow_name: row.flow_name }, { row }]
  );
}
