/**
 * Calls `silent` when nothing was heard for that long: a connection that dies without a word (a pulled
 * cable, a host that lost power) leaves stdin open for hours, and the board's lock taken with it.
 * @param limitMs 0: wait for ever.
 * @returns to be called whenever something is heard.
 */
export function watchSilence(limitMs: number, silent: () => void): () => void {
  if (!(limitMs > 0)) return () => {};
  let words = 0;
  const timer = setTimeout(() => {
    const known = words;
    // What came while this process was busy is read first: timers run before the streams do.
    setImmediate(() => setImmediate(() => (words === known ? silent() : timer.refresh())));
  }, limitMs);
  return () => {
    words++;
    timer.refresh();
  };
}
