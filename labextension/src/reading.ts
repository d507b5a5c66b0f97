// Reads something anew whenever it may have changed, one reading at a time.

/** However often a reading is asked for while one is under way, one more follows: nothing newer is missed. */
export class Reading {
  constructor(private readonly _read: () => Promise<void>) {}

  /** Read, and resolve when what is known is no older than this call. */
  async again(): Promise<void> {
    this._isWanted = true;
    this._current ??= this._all().finally(() => (this._current = null));
    await this._current;
  }

  private async _all(): Promise<void> {
    while (this._isWanted) {
      this._isWanted = false;
      await this._read();
    }
  }

  private _isWanted = false;
  private _current: Promise<void> | null = null;
}
