import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TravellingFile } from './session.ts';

const BLOCK = 512;

/** Writes the files as a ustar stream (POSIX.1-1988) and ends it. @returns bytes written. */
export async function tarStream(files: readonly TravellingFile[], out: Writable): Promise<number> {
  let bytes = 0;
  async function* blocks(): AsyncGenerator<Buffer> {
    for (const file of files) {
      const { content } = file;
      const size =
        content instanceof Uint8Array ? content.byteLength : (await stat(content.file)).size;
      yield header(file, size);
      if (content instanceof Uint8Array) yield Buffer.from(content);
      else for await (const chunk of createReadStream(content.file)) yield chunk as Buffer;
      yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
    }
    yield Buffer.alloc(2 * BLOCK);
  }
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const block of blocks()) {
      bytes += block.length;
      yield block;
    }
  }
  // A reader that went away is told by the process that reads, not by EPIPE here.
  await pipeline(counted, out).catch(() => {});
  return bytes;
}

/** One file's header block; throws a RangeError for a name that ustar cannot hold. */
function header(file: TravellingFile, size: number): Buffer {
  const name = Buffer.from(file.path);
  if (name.length > 100) throw new RangeError(`${file.path}: longer than 100 bytes`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number, at: number) =>
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, at);
  name.copy(block, 0);
  octal(file.executable ? 0o755 : 0o644, 7, 100);
  octal(0, 7, 108);
  octal(0, 7, 116);
  octal(size, 11, 124);
  octal(0, 11, 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
