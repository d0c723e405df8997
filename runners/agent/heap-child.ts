import { Readable } from 'node:stream';
import type { HeapRegion, Inventory } from '../../suites/inventory.ts';
import { FACTS_FD } from './job.ts';
import { type SelfCommand, startSelf } from './processes.ts';

/**
 * The whole of it. Using regions up ends itself after seconds; the start of Node alone took 20 s on an
 * emulated 32-bit Arm board of a busy machine.
 */
const PROBE_MS = 120_000;

/** What the process that looks is given: everything, as one argument. */
export interface HeapQuestion {
  readonly heaps: readonly { readonly name: string; readonly path: string }[];
  readonly exhaustCma: boolean;
}

/**
 * The heaps with the memory that each hands out, found in a process of its own: a driver that
 * crashes or hangs there, or an OOM killer, leaves every region unknown and nothing else.
 */
export async function findRegions(
  self: SelfCommand,
  heaps: Inventory['heaps'],
  exhaustCma: boolean,
): Promise<Inventory['heaps']> {
  if (heaps.length === 0) return [];
  const asked = heaps.map(({ name, node }) => ({ name, path: node.path }));
  const { regions, how } = await ask(self, { heaps: asked, exhaustCma });
  return heaps.map((heap, index) => ({ ...heap, region: regions?.[index] ?? unknown(how) }));
}

const unknown = (how: string): HeapRegion => ({
  memory: 'unknown',
  name: null,
  sizeKiB: null,
  how: null,
  sameAs: [],
  differsFrom: [],
  why: `the process that looked ended with ${how}`,
});

/** One process: what it said, in the order of the heaps, and how it ended. */
function ask(
  self: SelfCommand,
  question: HeapQuestion,
): Promise<{ regions: readonly HeapRegion[] | null; how: string }> {
  const child = startSelf(
    self,
    ['--heap-probe', JSON.stringify(question)],
    ['ignore', 'ignore', 'ignore', 'pipe'],
  );
  let text = '';
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, PROBE_MS);
  const facts = child.stdio[FACTS_FD];
  if (facts instanceof Readable)
    facts.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
  return new Promise((resolve) => {
    const end = (how: string) => {
      clearTimeout(timer);
      const said = text.endsWith('\n') ? JSON.parse(text) : null;
      resolve({ regions: said, how: late ? `no answer within ${PROBE_MS / 1000} s` : how });
    };
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
    child.once('error', (error) => end(error.message));
  });
}
