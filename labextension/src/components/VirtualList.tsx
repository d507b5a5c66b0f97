import React, { useEffect, useMemo, useRef, useState } from 'react';

import { useHeight } from '../hooks';
import { offsets, visible } from '../viewport';

interface IVirtualListProps {
  label: string;
  /** The height of each item in pixels. */
  heights: readonly number[];
  renderItem: (place: number) => JSX.Element;
  /** Called with the items that can be seen, from `first` and before `end`, whenever these are others. */
  onSeen: (first: number, end: number) => void;
}

/** A list of any length, of which only what can be seen is in the document. Arrow keys go from row to row. */
export function VirtualList({ label, heights, renderItem, onSeen }: IVirtualListProps): JSX.Element {
  const view = useRef<HTMLDivElement>(null);
  const height = useHeight(view);
  const [top, setTop] = useState(0);
  const starts = useMemo(() => offsets(heights), [heights]);
  const { first, end } = visible(starts, top, height);
  useEffect(() => {
    if (height) {
      onSeen(first, end);
    }
  }, [first, end, height, heights]);
  const places = Array.from({ length: end - first }, (_, place) => first + place);
  return (
    <div ref={view} className="jp-Perijove-list" onScroll={event => setTop(event.currentTarget.scrollTop)}>
      <div
        role="list"
        aria-label={label}
        style={{ height: starts[starts.length - 1], position: 'relative' }}
        onKeyDown={moveFocus}
      >
        {places.map(place => (
          <div
            key={place}
            role="listitem"
            aria-posinset={place + 1}
            aria-setsize={heights.length}
            className="jp-Perijove-item"
            style={{ top: starts[place], height: heights[place] }}
          >
            {renderItem(place)}
          </div>
        ))}
      </div>
    </div>
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** From one row's name to that of the next one or the one before. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  if (!step) {
    return;
  }
  const names = Array.from(event.currentTarget.querySelectorAll<HTMLElement>('[data-row]'));
  const item = document.activeElement?.closest('[role=listitem]');
  const here = names.findIndex(name => item?.contains(name));
  const target = names[here + step];
  if (target) {
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: 'nearest' });
  }
}
