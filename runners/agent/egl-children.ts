import { Readable } from 'node:stream';
import type { Inventory } from '../../suites/inventory.ts';
import { FACTS_FD } from './job.ts';
import { Lines } from './lines.ts';
import { type SelfCommand, startSelf } from './processes.ts';

type EglDevice = Inventory['egl'][number];

/** Per device. An emulated board takes 2 s; a driver that waits for hardware can take for ever. */
const DEVICE_MS = 30_000;
/** As in ./egl-probe.ts, which is not loaded here: it brings koffi and Mesa's names with it. */
const NO_NODE = '-';
/** Mesa's software device, which has no node. */
const SOFTWARE = 'swrast';

/**
 * What EGL is on each of those drivers, tried in a process of its own: a driver that crashes or hangs
 * is that device's error, and the ones after it are tried in a new process.
 * @param nodes by `render:DRIVER` and `card:DRIVER`, as in BoardContext.
 */
export async function probeEgl(
  self: SelfCommand,
  drivers: readonly string[],
  nodes: Readonly<Record<string, string>>,
): Promise<EglDevice[]> {
  const found: EglDevice[] = [];
  const wanted = drivers.map((driver) => ({
    driver,
    node: driver === SOFTWARE ? NO_NODE : (nodes[`render:${driver}`] ?? nodes[`card:${driver}`]),
  }));
  const present = wanted.filter(({ node }) => node !== undefined);
  for (let next = 0; next < present.length; ) {
    const rest = present.slice(next);
    const { devices, why } = await probe(
      self,
      rest.map(({ driver, node }) => [driver, node ?? '']),
    );
    found.push(...devices);
    next += devices.length;
    const victim = present[next];
    if (!victim) break;
    found.push(without(victim.driver, why));
    next++;
  }
  const absent = wanted.filter(({ node }) => node === undefined);
  return [...found, ...absent.map(({ driver }) => without(driver, 'no such DRM device'))];
}

function without(driver: string, error: string): EglDevice {
  return { driver, error, vendor: null, renderer: null, version: null };
}

/** One process: what it could say before its end, and how it ended. */
function probe(
  self: SelfCommand,
  pairs: readonly (readonly [string, string])[],
): Promise<{ devices: EglDevice[]; why: string }> {
  const child = startSelf(
    self,
    ['--egl-probe', ...pairs.flat()],
    ['ignore', 'ignore', 'ignore', 'pipe'],
  );
  const devices: EglDevice[] = [];
  const lines = new Lines();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, DEVICE_MS);
  const facts = child.stdio[FACTS_FD];
  if (facts instanceof Readable)
    facts.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk).toString('utf8').split('\n'))
        if (line !== '') devices.push(JSON.parse(line));
      timer.refresh();
    });
  return new Promise((resolve) => {
    const end = (how: string) => {
      clearTimeout(timer);
      const why = late ? `no answer within ${DEVICE_MS / 1000} s` : how;
      resolve({ devices, why });
    };
    child.once('close', (code, signal) =>
      end(
        signal
          ? `${signal} in EGL's start (eglInitialize or the first context)`
          : `exit code ${code}`,
      ),
    );
    child.once('error', (error) => end(error.message));
  });
}
