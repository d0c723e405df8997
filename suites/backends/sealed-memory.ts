import { ftruncateSync, readFileSync } from 'node:fs';
import { StageFailure } from '../board.ts';
import {
  closeFd,
  fcntl,
  MAP_POPULATE,
  type Mapping,
  memfdCreate,
  mmap,
  PROT_READ,
  pageBytes,
} from '../kernel/syscalls.ts';
import { LIST_LIMIT, SIZE_LIMIT } from '../wording.ts';

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 0x409;
const F_SEAL_SHRINK = 2;

/** A memfd as UDMABUF_CREATE demands it: whole pages, sealed against shrinking. @throws Errno */
export function sealedMemory(pages: number): number {
  const memfd = memfdCreate('bufmatrix', MFD_CLOEXEC | MFD_ALLOW_SEALING);
  try {
    ftruncateSync(memfd, pages * pageBytes);
    fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK);
    return memfd;
  } catch (error) {
    closeFd(memfd);
    throw error;
  }
}

/** Maps the memfd, which allocates what pages it does not have yet, in their order. @throws Errno */
export function populate(memfd: number, pages: number): Mapping {
  return mmap(memfd, pages * pageBytes, PROT_READ, 0, MAP_POPULATE);
}

const limits = new Map<string, number | null>();

/** A parameter of the udmabuf module, read once; null where it is not to be read. */
function udmabufLimit(name: 'list_limit' | 'size_limit_mb'): number | null {
  const known = limits.get(name);
  if (known !== undefined) return known;
  let limit: number | null = null;
  try {
    limit = Number(readFileSync(`/sys/module/udmabuf/parameters/${name}`, 'latin1'));
  } catch {}
  limits.set(name, limit);
  return limit;
}

const MIB = 1024 * 1024;

/** Says of a buffer beyond udmabuf's limits what the EINVAL would not. @throws StageFailure */
export function requireUdmabufLimits(bytes: number, items: number): void {
  const listLimit = udmabufLimit('list_limit');
  if (listLimit !== null && items > listLimit)
    throw new StageFailure(
      'unsupported',
      null,
      `${items} pages, one an item, are beyond ${LIST_LIMIT} of ${listLimit}`,
    );
  const sizeLimit = udmabufLimit('size_limit_mb');
  if (sizeLimit !== null && bytes > sizeLimit * MIB)
    throw new StageFailure(
      'unsupported',
      null,
      `${bytes} bytes are beyond ${SIZE_LIMIT} of ${sizeLimit}`,
    );
}
