import { readFileSync } from 'node:fs';
import { nodeHolders } from './node-holders.ts';

/**
 * Who is DRM master of a primary node (`/dev/dri/card0`): `Xorg (pid 812)`. Without debugfs it names
 * those who have the node open, of whom one is. Null where nobody is seen.
 */
export function drmMasterHolder(node: string): string | null {
  const minor = Number(/(\d+)$/.exec(node)?.[1]);
  return fromDebugfs(minor) ?? fromOpenFiles(node);
}

/** /sys/kernel/debug/dri/N/clients: command, tgid, minor, whether it is master (`y`), ... */
function fromDebugfs(minor: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/sys/kernel/debug/dri/${minor}/clients`, 'utf8');
  } catch {
    return null;
  }
  return masterAmong(text, minor);
}

/** Debugfs's word for an opener that has ended; others have inherited the open card from it. */
const GONE = '<unknown>';

/** The master of that minor in debugfs's table; see drivers/gpu/drm/drm_debugfs.c. */
export function masterAmong(clients: string, minor: number): string | null {
  for (const line of clients.split('\n')) {
    // A command may hold blanks.
    const [, command, pid, of] = /^\s*(.*\S)\s+(\d+)\s+(\d+)\s+y\s/.exec(line) ?? [];
    if (command && command !== GONE && Number(of) === minor) return `${command} (pid ${pid})`;
  }
  return null;
}

function fromOpenFiles(node: string): string | null {
  const holders = nodeHolders(node);
  return holders.length === 0 ? null : `one of ${holders.join(', ')}`;
}
