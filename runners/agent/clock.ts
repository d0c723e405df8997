/**
 * Microseconds on a clock that only goes forward. Not `performance`, which loads 50 KiB of Node's own
 * modules at its first use.
 */
export function microseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}
