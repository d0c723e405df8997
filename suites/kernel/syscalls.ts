import { closeSync } from 'node:fs';
import koffi from 'koffi/indirect';
import { Errno } from './errno.ts';

/**
 * The system calls that Node does not offer. Only integers, addresses and Buffers cross into C
 * (koffi ends the process on a wrongly typed struct member); structs are encoded in ./struct.ts.
 */
const libc = koffi.load('libc.so.6');
// ioctl is variadic; a fixed declaration has the same calling convention on Linux x86-64, arm64
// and arm EABI for pointer and integer arguments.
const cIoctl = libc.func('int ioctl(int, unsigned long, void *)');
const cIoctlInt = libc.func('int ioctl(int, unsigned long, uintptr_t)');
const cMmap = libc.func('uintptr_t mmap64(uintptr_t, size_t, int, int, int, int64_t)');
const cMunmap = libc.func('int munmap(uintptr_t, size_t)');
const cMemfd = libc.func('int memfd_create(const char *, unsigned int)');
const cFcntl = libc.func('int fcntl(int, int, uintptr_t)');
const cLseek = libc.func('int64_t lseek64(int, int64_t, int)');
const cPoll = libc.func('int poll(void *, unsigned long, int)');
const cFlock = libc.func('int flock(int, int)');
const cGetpagesize = libc.func('int getpagesize()');

/** Bytes of a page: 4096, or up to 65536 on some arm64 kernels. */
export const pageBytes: number = cGetpagesize();

const EINTR = 4;
const EAGAIN = 11;

function fail(call: string): never {
  throw new Errno(call, koffi.errno());
}

/**
 * ioctl(2), repeated on EINTR and, as libdrm does, on EAGAIN unless `nonblocking`.
 * @returns the call's own result (udmabuf gives the new fd so).
 * @throws Errno
 */
export function ioctl(
  fd: number,
  request: number,
  arg: Buffer | number,
  name = `ioctl 0x${request.toString(16)}`,
  nonblocking = false,
): number {
  for (;;) {
    const result: number =
      typeof arg === 'number' ? cIoctlInt(fd, request, arg) : cIoctl(fd, request, arg);
    if (result !== -1) return result;
    const errno = koffi.errno();
    if (errno === EINTR || (errno === EAGAIN && !nonblocking)) continue;
    throw new Errno(name, errno);
  }
}

/** Mapped memory. `bytes` is the memory itself, not a copy; it must not be touched after `unmap`. */
export interface Mapping {
  readonly address: bigint;
  readonly bytes: Buffer;
  unmap(): void;
}

export const PROT_READ = 1;
export const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** Fills the page tables at once instead of a fault at a time. */
export const MAP_POPULATE = 0x8000;

/** mmap(2) MAP_SHARED, and `flags`, of `length` bytes from `offset`. @throws Errno */
export function mmap(
  fd: number,
  length: number,
  prot: number,
  offset: number | bigint = 0,
  flags = 0,
): Mapping {
  const address = BigInt(cMmap(0, length, prot, MAP_SHARED | flags, fd, offset));
  if (address === 0xffffffffn || address === 0xffffffffffffffffn) fail('mmap');
  const bytes = Buffer.from(koffi.view(address, length));
  return {
    address,
    bytes,
    unmap: () => {
      if (cMunmap(address, length) === -1) fail('munmap');
    },
  };
}

/** memfd_create(2). @throws Errno */
export function memfdCreate(name: string, flags: number): number {
  const fd: number = cMemfd(name, flags);
  return fd === -1 ? fail('memfd_create') : fd;
}

/** fcntl(2) with an integer argument. @throws Errno */
export function fcntl(fd: number, command: number, arg: number): number {
  const result: number = cFcntl(fd, command, arg);
  return result === -1 ? fail('fcntl') : result;
}

/** The size that lseek(SEEK_END) reports: a dma-buf's real, page-rounded size in bytes. @throws Errno */
export function seekEnd(fd: number): number {
  const end = Number(cLseek(fd, 0, 2));
  return end === -1 ? fail('lseek') : end;
}

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;

/** struct pollfd, kept: a worker polls the kernel log in every cell. */
const pollfd = Buffer.alloc(8);

/**
 * poll(2) on one fd, gone on with when a signal (SIGCONT, a profiler's) interrupts it.
 * @returns the ready events, 0 when `timeoutMs` has passed. @throws Errno
 */
export function poll(fd: number, events: number, timeoutMs: number): number {
  pollfd.writeInt32LE(fd, 0);
  pollfd.writeInt16LE(events, 4);
  for (let left = timeoutMs; ; ) {
    const begun = Date.now();
    const ready: number = cPoll(pollfd, 1, left);
    if (ready !== -1) return ready === 0 ? 0 : pollfd.readUInt16LE(6);
    if (koffi.errno() !== EINTR) fail('poll');
    left = Math.max(0, left - (Date.now() - begun));
  }
}

/** flock(2) LOCK_EX|LOCK_NB. @returns false when somebody else holds it. @throws Errno */
export function tryLock(fd: number): boolean {
  if (cFlock(fd, 2 | 4) === 0) return true;
  const errno = koffi.errno();
  if (errno === EAGAIN) return false;
  throw new Errno('flock', errno);
}

/** The address of a Buffer's first byte, for structs that hold pointers. Keep the Buffer alive. */
export function addressOf(buffer: Buffer): bigint {
  return BigInt(koffi.address(buffer));
}

/** close(2); errors are of no use to anybody here. */
export function closeFd(fd: number): void {
  try {
    closeSync(fd);
  } catch {}
}
