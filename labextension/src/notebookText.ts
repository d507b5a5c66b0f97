// An open notebook as the extension's `notebooks` has it, and what an export of it would be.

/** The code of an open notebook; `path` is relative to JupyterLab's root. */
export interface INotebookText {
  path: string;
  cells: { id: string; source: string }[];
}

/** The module that an export would write, and why. */
export interface IExport {
  source: string;
  warnings: string[];
  requirements: string[];
  kept: { cell: number; line: number; text: string; why: string }[];
  dropped: { cell: number; text: string }[];
}
