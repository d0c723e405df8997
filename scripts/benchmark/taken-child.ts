/** The command line, which says at its end what it took: a line of JSON on the standard error. */
process.once('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const taken = {
    seconds: process.uptime(),
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    mib: maxRSS / 1024,
  };
  process.stderr.write(`${JSON.stringify(taken)}\n`);
});
process.argv[1] = new URL('../../bin/bufmatrix.js', import.meta.url).pathname;
await import(process.argv[1]);
