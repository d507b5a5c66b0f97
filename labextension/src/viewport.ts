// Which items of a long list can be seen: the arithmetic of a virtual list.

/** Where each item begins, and where the last one ends, in pixels. */
export function offsets(heights: readonly number[]): number[] {
  const found = [0];
  for (const height of heights) {
    found.push(found[found.length - 1] + height);
  }
  return found;
}

/** The items, from `first` and before `end`, that a view `height` pixels high shows when scrolled down by `top`. */
export function visible(
  starts: readonly number[],
  top: number,
  height: number,
  margin = 200
): { first: number; end: number } {
  const count = starts.length - 1;
  const first = Math.min(lastAtOrBefore(starts, top - margin), Math.max(count - 1, 0));
  let end = first;
  while (end < count && starts[end] < top + height + margin) {
    end++;
  }
  return { first, end };
}

function lastAtOrBefore(starts: readonly number[], position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle] <= position) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
