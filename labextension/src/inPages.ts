// More things than the wire gives at once.

/** Things that the wire gives at once. */
export const PAGE = 200;

/** The first `count` things, read a page at a time. */
export async function inPages<T>(
  count: number,
  read: (page: { limit: number; offset: number }) => Promise<T[]>
): Promise<T[]> {
  const offsets = Array.from({ length: Math.ceil(count / PAGE) }, (_, place) => place * PAGE);
  const pages = await Promise.all(offsets.map(offset => read({ limit: Math.min(PAGE, count - offset), offset })));
  return pages.flat();
}
