import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Names in a folder; none where it is gone or closed to us. */
function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function opens(pid: string, path: string): boolean {
  return entries(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

/**
 * Who else has that node open, from /proc/PID/fd: `ffmpeg (pid 812)`. Without root only this user's
 * own processes can be looked into.
 */
export function nodeHolders(path: string): readonly string[] {
  return entries('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => opens(pid, path))
    .map((pid) => {
      let comm = '?';
      try {
        comm = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      } catch {}
      return `${comm} (pid ${pid})`;
    });
}
