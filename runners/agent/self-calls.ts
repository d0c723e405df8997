import koffi from 'koffi/indirect';
import { Errno } from '../../suites/kernel/errno.ts';
import { addressOf } from '../../suites/kernel/syscalls.ts';

/** Calls by which a process arranges its own life; what cells need is in suites/kernel. */
const libc = koffi.load('libc.so.6');
const cDup2 = libc.func('int dup2(int, int)');
const cPrctl = libc.func(
  'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
);

/** dup2(2): `to` becomes another name of `from`. @throws Errno */
export function dup2(from: number, to: number): void {
  if (cDup2(from, to) === -1) throw new Errno('dup2', koffi.errno());
}

const PR_SET_PDEATHSIG = 1;
const PR_SET_NAME = 15;
const SIGKILL = 9;

/** Makes the kernel kill this process when its parent ends (prctl(2) PR_SET_PDEATHSIG). */
export function dieWithParent(): void {
  cPrctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/** Names this process in kernel messages: at most 15 bytes (prctl(2) PR_SET_NAME). */
export function nameProcess(name: string): void {
  const text = Buffer.from(`${name}\0`);
  cPrctl(PR_SET_NAME, addressOf(text), 0, 0, 0);
}
