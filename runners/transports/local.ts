import { constants } from 'node:fs';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { runToEnd, startProcess } from './process.ts';
import type { Session, Transport, TravellingFile } from './session.ts';

/** The machine that bufmatrix itself runs on. */
export function localTransport(): Transport {
  return { target: 'local', open: async () => session(), dispose: async () => {} };
}

function session(): Session {
  return {
    target: 'local',
    exec: ([file = 'true', ...args], timeoutMs) =>
      runToEnd(file, args, timeoutMs === undefined ? {} : { timeoutMs }),
    start: ([file = 'true', ...args]) => startProcess(file, args, () => false),
    put,
    close: async () => {},
  };
}

async function put(files: readonly TravellingFile[], folder: string): Promise<number> {
  let bytes = 0;
  for (const file of files) {
    const target = join(folder, normalize(file.path));
    await mkdir(dirname(target), { recursive: true });
    const mode = file.executable ? 0o755 : 0o644;
    if (file.content instanceof Uint8Array) {
      await writeFile(target, file.content, { mode });
      bytes += file.content.byteLength;
    } else {
      await copyFile(file.content.file, target, constants.COPYFILE_FICLONE);
      bytes += (await stat(target)).size;
    }
  }
  return bytes;
}
