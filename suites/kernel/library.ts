import koffi, { type LibraryHandle } from 'koffi/indirect';
import { StageFailure } from '../board.ts';

/** What may cross into C: integers, addresses, bytes, and strings that C only reads. */
export type CArgument = number | bigint | Buffer | string | null;

/** A C function that returns an integer, an address, or nothing. */
export type CFunction<Result = number> = (...args: CArgument[]) => Result;

const loaded = new Map<string, LibraryHandle>();

/** A shared library, loaded at its first use. @throws StageFailure `unsupported` where it is missing. */
export function library(soname: string): LibraryHandle {
  const known = loaded.get(soname);
  if (known) return known;
  try {
    const handle = koffi.load(soname);
    loaded.set(soname, handle);
    return handle;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StageFailure('unsupported', null, `${soname} (${why})`);
  }
}

/** Functions of a library by C declaration, such as `int gbm_bo_get_fd(uintptr_t)`. */
export function functions<Name extends string>(
  handle: LibraryHandle,
  declarations: Readonly<Record<Name, string>>,
): Readonly<Record<Name, CFunction>> {
  const bound: Partial<Record<Name, CFunction>> = {};
  for (const name in declarations) bound[name] = handle.func(declarations[name]);
  return bound as Record<Name, CFunction>;
}

/** The function at an address that C handed out, such as eglGetProcAddress's. */
export function functionAt(
  address: number | bigint,
  result: string,
  parameters: readonly string[],
): CFunction {
  return koffi.decode(BigInt(address), koffi.proto(result, [...parameters]));
}
