/** Linux errno numbers (asm-generic, the same on x86, arm and arm64) and their symbols. */
const SYMBOLS: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  4: 'EINTR',
  5: 'EIO',
  6: 'ENXIO',
  7: 'E2BIG',
  9: 'EBADF',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  14: 'EFAULT',
  16: 'EBUSY',
  17: 'EEXIST',
  19: 'ENODEV',
  22: 'EINVAL',
  23: 'ENFILE',
  24: 'EMFILE',
  25: 'ENOTTY',
  28: 'ENOSPC',
  32: 'EPIPE',
  34: 'ERANGE',
  38: 'ENOSYS',
  53: 'EBADR',
  62: 'ETIME',
  66: 'EREMOTE',
  71: 'EPROTO',
  75: 'EOVERFLOW',
  77: 'EBADFD',
  95: 'EOPNOTSUPP',
  110: 'ETIMEDOUT',
  121: 'EREMOTEIO',
};

/** `EINVAL` for 22; `errno 200` for a number that no symbol here has. */
export function errnoSymbol(number: number): string {
  return SYMBOLS[number] ?? `errno ${number}`;
}

/** A system call that failed. `code` is the symbol, as in Node's own errors. */
export class Errno extends Error {
  readonly code: string;
  constructor(call: string, number: number) {
    super(`${call}: ${errnoSymbol(number)}`);
    this.name = 'Errno';
    this.code = errnoSymbol(number);
  }
}
