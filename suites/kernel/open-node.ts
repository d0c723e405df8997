import { constants, openSync } from 'node:fs';
import { StageFailure } from '../board.ts';
import { accessOf, codeOf } from './access.ts';

const opened = new Map<string, number>();

/**
 * Opens an allocator's node once and keeps it open, as programs do. Read-only is enough to allocate,
 * and what libcamera asks for.
 * @throws StageFailure `blocked` without permission, `unsupported` where there is no such device.
 */
export function openAllocator(path: string): number {
  const known = opened.get(path);
  if (known !== undefined) return known;
  try {
    const fd = openSync(path, constants.O_RDONLY);
    opened.set(path, fd);
    return fd;
  } catch (error) {
    throw openFailure(path, codeOf(error));
  }
}

/** What an errno of open(2) on a device node means for a cell, with what would mend it. */
export function openFailure(path: string, errno: string): StageFailure {
  switch (errno) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return new StageFailure('unsupported', errno, `there is no ${path}`);
    case 'EACCES':
      return new StageFailure('blocked', errno, deniedBy(path));
    case 'EPERM': {
      const why = `${path} is denied by policy (a device cgroup or a security module)`;
      return new StageFailure('blocked', errno, why);
    }
    default:
      return new StageFailure('failed', errno, `open ${path}: ${errno}`);
  }
}

function deniedBy(path: string): string {
  const access = accessOf(path);
  if (!access) return `no permission to reach ${path}`;
  const { mode, owner, group } = access;
  const groupMay = mode[4] === 'r' && group !== 'root';
  const mend = groupMay
    ? `add the user to the group ${group}`
    : 'a udev rule can grant it, or be root';
  return `no permission to open ${path} (${mode} ${owner}:${group}): ${mend}`;
}
