import { realpathSync } from 'node:fs';
import type { HeapRegion } from '../../../suites/inventory.ts';
import { MemoryWatch } from '../../../suites/kernel/memory-state.ts';
import type { HeapQuestion } from '../heap-child.ts';
import { takesFromCma } from './cma-free.ts';
import { countedRegions, regionByCounter, regionKiB } from './cma-sysfs.ts';
import { compareByExhausting } from './exhaust.ts';
import { type OpenedHeap, openHeap } from './opened-heap.ts';

/** A heap under examination. */
interface Subject {
  readonly name: string;
  /** Null where its node would not open. */
  readonly heap: OpenedHeap | null;
  /** Where the name leads; its own path for a node. */
  readonly leadsTo: string | null;
  readonly path: string;
  region: HeapRegion;
}

const NOTHING: HeapRegion = {
  memory: 'unknown',
  name: null,
  sizeKiB: null,
  how: null,
  sameAs: [],
  differsFrom: [],
  why: null,
};

/**
 * What memory each heap hands out, in their order: by the counter that rises; where none says, a
 * symlink as what it leads to; and of CMA heaps that are left, by using one up, if that is allowed.
 */
export function regionsOf({ heaps, exhaustCma }: HeapQuestion): HeapRegion[] {
  const memory = new MemoryWatch();
  const counted = countedRegions();
  const subjects = heaps.map(({ name, path }) => subjectOf(name, path));
  for (const subject of subjects) examine(subject, counted, memory);
  const links = subjects.filter(({ region, path, leadsTo }) => !region.name && leadsTo !== path);
  const followed = links.filter((link) => subjects.some(({ path }) => path === link.leadsTo));
  tellApart(
    subjects.filter((subject) => !followed.includes(subject)),
    exhaustCma,
    memory,
  );
  for (const link of followed) follow(link, subjects);
  return subjects.map(({ region }) => region);
}

function subjectOf(name: string, path: string): Subject {
  try {
    const leadsTo = realpathSync.native(path);
    return { name, path, leadsTo, heap: openHeap(name, path), region: NOTHING };
  } catch (error) {
    return { name, path, leadsTo: null, heap: null, region: { ...NOTHING, why: wordsOf(error) } };
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** What a heap says of itself, beside no other one. */
function examine(subject: Subject, counted: readonly string[], memory: MemoryWatch): void {
  const { heap } = subject;
  if (heap === null) return;
  try {
    subject.region = regionOf(heap, counted, memory);
  } catch (error) {
    subject.region = { ...NOTHING, why: wordsOf(error) };
  }
}

function regionOf(heap: OpenedHeap, counted: readonly string[], memory: MemoryWatch): HeapRegion {
  const name = counted.length ? regionByCounter(heap, counted) : undefined;
  if (typeof name === 'string')
    return {
      ...NOTHING,
      memory: 'cma',
      name,
      sizeKiB: regionKiB(name, counted, memory.cmaTotalKiB),
      how: 'cma-sysfs',
    };
  const taken = takesFromCma(heap, memory);
  if (taken === undefined)
    return {
      ...NOTHING,
      why: 'it gave nothing, or other programs took and gave too much meanwhile',
    };
  if (name === null && taken)
    return { ...NOTHING, why: 'CmaFree falls by what it gives, and no CMA region counts it' };
  if (taken) return { ...NOTHING, memory: 'cma', how: 'cma-free' };
  return { ...NOTHING, memory: 'not-cma', how: name === null ? 'cma-sysfs' : 'cma-free' };
}

/** Compares CMA heaps that no counter has named: each with those that no group has taken up yet. */
function tellApart(subjects: readonly Subject[], allowed: boolean, memory: MemoryWatch): void {
  const cma = subjects.filter(({ region }) => region.memory === 'cma');
  const candidates = cma.filter(({ region }) => region.name === null);
  if (candidates.length === 0 || cma.length < 2) return;
  if (!allowed) {
    for (const subject of candidates)
      subject.region = { ...subject.region, why: notAllowed(subject, cma) };
    return;
  }
  for (let left = cma; left.length > 1; ) {
    const [first, ...rest] = left;
    if (!first) return;
    const { why, same } = compare(first, rest, memory);
    for (const other of rest) {
      const answer = same.get(other.name);
      if (answer === undefined) doubt([first, other], why);
      else learn(first, other, answer);
    }
    left = rest.filter(({ name }) => same.get(name) !== true);
  }
}

/** Keeps what was found of two heaps with both. */
function learn(first: Subject, second: Subject, same: boolean): void {
  const list = same ? 'sameAs' : 'differsFrom';
  for (const [subject, { name }] of [
    [first, second],
    [second, first],
  ] as const) {
    const { region } = subject;
    const how = region.name === null ? 'exhausted' : region.how;
    subject.region = { ...region, how, [list]: [...region[list], name] };
  }
}

function doubt(subjects: readonly Subject[], why: string | null): void {
  for (const subject of subjects) subject.region = { ...subject.region, why };
}

function compare({ heap }: Subject, rest: readonly Subject[], memory: MemoryWatch) {
  const others = rest.flatMap((subject) => subject.heap ?? []);
  try {
    if (heap) return compareByExhausting(heap, others, memory);
  } catch (error) {
    return { same: new Map<string, boolean>(), why: wordsOf(error) };
  }
  return { same: new Map<string, boolean>(), why: 'it did not open' };
}

function notAllowed({ name }: Subject, cma: readonly Subject[]): string {
  const others = cma.filter((subject) => subject.name !== name).map((subject) => subject.name);
  return (
    `whether it is one memory with ${others.join(', ')} shows only when one of them is used up; ` +
    'limits: {exhaustCma: true} in the profile allows that'
  );
}

/** A symlink's memory is that of the heap that it leads to. */
function follow(link: Subject, subjects: readonly Subject[]): void {
  const target = subjects.find(({ path }) => path === link.leadsTo);
  if (!target) return;
  const { memory, name, sizeKiB } = target.region;
  link.region = { ...NOTHING, memory, name, sizeKiB, how: 'symlink', sameAs: [target.name] };
}
