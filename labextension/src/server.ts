// Requests to the Jupyter Server extension, which speaks to the target; the target's token never comes here.

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { Problem, problemOf } from './problem';

/** The server that the sidebar speaks to. */
export interface ITarget {
  kind: 'embedded' | 'remote';
  api_url: string;
  version: string;
}

/** How a request differs from a plain one. */
export interface IRequestOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The only way to any server. */
export class Server {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** Whether Jupyter Server left the last request without any answer. */
  get isOffline(): boolean {
    return this._isOffline;
  }

  /** Ask one of the extension's own routes. Rejects with a Problem. */
  async ask<T>(path: string, body?: unknown, options?: IRequestOptions): Promise<T> {
    return this._send<T>(body === undefined ? 'GET' : 'POST', path, body, options);
  }

  /** Read from the wire. Rejects with a Problem. */
  async get<T>(path: string, options?: IRequestOptions): Promise<T> {
    return this._send<T>('GET', `api/${path}`, undefined, options);
  }

  /** Post to the wire. Rejects with a Problem. */
  async post<T>(path: string, body?: unknown, options?: IRequestOptions): Promise<T> {
    return this._send<T>('POST', `api/${path}`, body, options);
  }

  /** Change something by the wire. Rejects with a Problem. */
  async patch(path: string, body: unknown): Promise<void> {
    await this._send('PATCH', `api/${path}`, body);
  }

  /** Delete something by the wire. Rejects with a Problem. */
  async delete(path: string): Promise<void> {
    await this._send('DELETE', `api/${path}`);
  }

  /** Open a WebSocket to one of the extension's own routes. */
  open(path: string): WebSocket {
    const { appendToken, token, wsUrl, WebSocket } = this._settings;
    const url = URLExt.join(wsUrl, 'perijove', path);
    return new WebSocket(appendToken && token ? `${url}?token=${encodeURIComponent(token)}` : url);
  }

  private async _send<T>(method: string, path: string, body?: unknown, options: IRequestOptions = {}): Promise<T> {
    const url = URLExt.join(this._settings.baseUrl, 'perijove', path);
    const { headers, signal } = options;
    const content = body === undefined ? undefined : JSON.stringify(body);
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, { method, body: content, headers, signal }, this._settings);
      this._isOffline = false;
    } catch (error) {
      if (signal?.aborted) {
        throw error;
      }
      this._isOffline = true;
      throw new Problem('offline');
    }
    const text = await response.text();
    const answer: unknown = parse(text);
    if (!response.ok) {
      throw problemOf(response.status, answer);
    }
    return answer as T;
  }

  private _isOffline = false;
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
