/**
 * The agent: what runs on a board. One file when bundled; it starts itself again in its three other
 * roles, so that a crash in a driver takes neither the connection nor the lock with it.
 *
 *   node agent.cjs [--lock PATH] [--who TEXT] ...      speaks ./protocol.ts (see ./session.ts)
 *   node agent.cjs --worker                                  tries cells
 *   node agent.cjs --egl-probe DRIVER NODE ...               describes EGL devices
 *   node agent.cjs --heap-probe JSON                         finds which heaps are one memory
 */
async function main(args: readonly string[]): Promise<void> {
  // Loaded on demand: start-up is what an emulated board feels most.
  if (args[0] === '--worker') (await import('./worker.ts')).runWorker();
  else if (args[0] === '--egl-probe') (await import('./egl-probe.ts')).runEglProbe(args.slice(1));
  else if (args[0] === '--heap-probe') (await import('./heap-probe.ts')).runHeapProbe(args[1]);
  else await (await import('./session.ts')).runSession(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // A bug, not a result: it must not look like one.
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exit(70);
});
