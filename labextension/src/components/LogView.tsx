import { downloadIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useMemo, useRef, useState } from 'react';

import { type IPiece, pieces } from '../ansi';
import { useSignal } from '../hooks';
import { asText, type ILine, levelName, LEVELS, lines } from '../logs';
import type { RunLog } from '../runLog';
import { useSidebar } from '../sidebar';
import { told } from '../telling';
import { offsets, visible } from '../viewport';
import { Section } from './Section';

const LINE = 20; // pixels, as in the style sheet
const HEIGHT = 360;

/** The log of a run: searched, by level, following its end, as a file. */
export function LogView({ log, name }: { log: RunLog; name: string }): JSX.Element {
  const sidebar = useSidebar();
  const { trans, words } = sidebar;
  useSignal(log.changed);
  const logs = log.lines;
  const [level, setLevel] = useState(0);
  const [search, setSearch] = useState('');
  const [isFollowing, setFollowing] = useState(true);
  const shown = useMemo(() => lines(logs, level, search), [logs, level, search]);
  const tools = (
    <>
      <input
        type="search"
        className="jp-mod-styled"
        placeholder={trans.__('Search the log')}
        aria-label={trans.__('Search the log')}
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <select
        className="jp-mod-styled"
        aria-label={trans.__('Least level')}
        value={level}
        onChange={event => setLevel(Number(event.target.value))}
      >
        <option value={0}>{trans.__('all levels')}</option>
        {LEVELS.slice(1).map(([number, name]) => (
          <option key={number} value={number}>
            {name}
          </option>
        ))}
      </select>
      <label className="jp-Perijove-check">
        <input type="checkbox" checked={isFollowing} onChange={event => setFollowing(event.target.checked)} />
        {trans.__('Follow')}
      </label>
      <button
        className="jp-Perijove-iconButton"
        title={trans.__('Download the log')}
        aria-label={trans.__('Download the log')}
        onClick={() => void told(sidebar, () => download(`${name}.log`, log))}
      >
        <downloadIcon.react tag="span" />
      </button>
    </>
  );
  return (
    <Section title={trans.__('Log')} tools={tools}>
      {log.hasEarlier && (
        <p className="jp-Perijove-quiet">
          {trans.__('These are the last %1 lines; the file has all.', words.number(logs.length))}
        </p>
      )}
      {shown.length ? (
        <Lines lines={shown} isFollowing={isFollowing} />
      ) : (
        <p className="jp-Perijove-quiet">
          {logs.length ? trans.__('No line is like this.') : trans.__('Nothing was logged yet.')}
        </p>
      )}
    </Section>
  );
}

function Lines({ lines, isFollowing }: { lines: readonly ILine[]; isFollowing: boolean }): JSX.Element {
  const { trans, words } = useSidebar();
  const view = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => {
    if (isFollowing && view.current) {
      view.current.scrollTop = view.current.scrollHeight;
    }
  }, [lines.length, isFollowing]);
  const starts = useMemo(() => offsets(lines.map(() => LINE)), [lines]);
  const { first, end } = visible(starts, top, HEIGHT);
  return (
    <div
      ref={view}
      className="jp-Perijove-log"
      role="log"
      aria-label={trans.__('Log')}
      tabIndex={0}
      onScroll={event => setTop(event.currentTarget.scrollTop)}
    >
      <div style={{ height: starts[lines.length], position: 'relative' }}>
        <div style={{ position: 'absolute', top: starts[first] }}>
          {lines.slice(first, end).map(({ log, text, isFirst }, place) => (
            <div
              key={first + place}
              className={`jp-Perijove-logLine ${log.level >= 40 ? 'jp-mod-bad' : ''}`}
              title={words.absolute(log.timestamp)}
            >
              <span className="jp-Perijove-logTime">{isFirst ? words.time(log.timestamp) : ''}</span>
              <span className="jp-Perijove-logLevel">{isFirst ? levelName(log.level) : ''}</span>
              <span className="jp-Perijove-logText">
                {pieces(text).map((piece, number) => (
                  <span key={number} className={classOf(piece)}>
                    {piece.text}
                  </span>
                ))}
              </span>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** JupyterLab's own classes for what a terminal colours. */
function classOf({ colour, bold }: IPiece): string | undefined {
  const names = [bold && 'ansi-bold', colour !== undefined && `ansi-${COLOURS[colour % 8]}-fg`].filter(Boolean);
  return names.length ? names.join(' ') : undefined;
}

/** Every line as a file, those too that the page does not keep. */
async function download(name: string, log: RunLog): Promise<void> {
  const parts: string[] = [];
  for await (const page of log.all()) {
    parts.push(asText(page));
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type: 'text/plain' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
