// A dialog that stays open until what it asks for has been done.

import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import React from 'react';

import { type ISidebar, SidebarProvider } from './sidebar';

interface IFormDialogOptions {
  title: string;
  accept: string;
  body: JSX.Element;
  /** Do it; false: the dialog has to stay open, and tells why. */
  submit: () => Promise<boolean>;
}

/** Show a form; resolves to whether what it asks for has been done. */
export async function showForm(sidebar: ISidebar, options: IFormDialogOptions): Promise<boolean> {
  const dialog = new FormDialog(sidebar, options);
  const { button } = await dialog.launch();
  return button.accept;
}

class FormDialog extends Dialog<unknown> {
  constructor(sidebar: ISidebar, { title, accept, body, submit }: IFormDialogOptions) {
    const content = ReactWidget.create(<SidebarProvider value={sidebar}>{body}</SidebarProvider>);
    content.addClass('jp-Perijove-dialog');
    super({
      title,
      body: content,
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: accept })],
      focusNodeSelector: '.jp-Perijove-dialog :is(input, select, textarea)'
    });
    this.addClass('jp-Perijove-formDialog');
    this._submit = submit;
  }

  override resolve(index = ACCEPT): void {
    if (index !== ACCEPT) {
      super.resolve(index);
    } else if (!this._busy) {
      this._busy = true;
      void this._submit()
        .then(done => done && super.resolve(index))
        .finally(() => (this._busy = false));
    }
  }

  private readonly _submit: () => Promise<boolean>;
  private _busy = false;
}

const ACCEPT = 1; // the second button
