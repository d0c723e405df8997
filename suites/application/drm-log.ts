import { errnoSymbol } from '../kernel/errno.ts';
import type { GivenBuffer } from './facts.ts';

/**
 * What the DRM core says of a program's calls in the kernel log when the bits CORE and ATOMIC of
 * /sys/module/drm/parameters/debug are set (include/drm/drm_print.h). The lines are those of
 * drm_ioctl() in drivers/gpu/drm/drm_ioctl.c and of drm_atomic.c and drm_atomic_uapi.c, as Linux 6.12
 * has them. A call that succeeds has no line of its own for that.
 */
export const DRM_DEBUG_BITS = 0x01 | 0x10;

/** A frame that a program gave to a KMS device, to be shown in a framebuffer. */
export interface GivenFrame {
  /** Whether its memory was somebody else's dma-buf, and not the device's own. */
  readonly imported: boolean;
  /** Whether the device's own memory was then handed out as a dma-buf. */
  readonly exported: boolean;
  /** The call that failed, else the last that succeeded. */
  readonly call: 'PRIME_FD_TO_HANDLE' | 'MODE_ADDFB2';
  /** Null where it was accepted. */
  readonly errno: string | null;
  readonly evidence: string[];
}

/** A commit that put a framebuffer on a plane. */
export interface ShownFrame {
  /** The call that made it, such as `MODE_ATOMIC`. */
  readonly call: string;
  readonly framebuffer: number;
  readonly evidence: string;
}

/** One call of a program. */
interface Call {
  readonly pid: string;
  readonly name: string;
  readonly lines: string[];
  /** 0, or a negative errno. */
  ret: number;
}

const CALL = /\[drm:drm_ioctl[^\]]*\] comm="[^"]*",? pid=(\d+), (?:ret=(-\d+)|.*DRM_IOCTL_(\w+))$/;
const SET = /drm_atomic_set_fb_for_plane[^\]]*\] Set \[FB:(\d+)\]/;

/** Frames in the order in which they were given, and those that were shown. Pure. */
export function readDrmLog(lines: readonly string[]): {
  given: readonly GivenFrame[];
  shown: readonly ShownFrame[];
} {
  const calls: Call[] = [];
  const commits: { call: Call; framebuffer: number; evidence: string }[] = [];
  let framebuffer: number | null = null;
  for (const line of lines) {
    const [, pid, ret, name] = CALL.exec(line) ?? [];
    const last = calls.at(-1);
    if (pid !== undefined && name !== undefined) calls.push({ pid, name, lines: [line], ret: 0 });
    else if (pid !== undefined) {
      const call = calls.findLast((one) => one.pid === pid);
      if (!call) continue;
      call.ret = Number(ret);
      call.lines.push(line);
    } else if (line.includes('Allocated atomic state')) framebuffer = null;
    else if (/\] committing [0-9a-f]+/.test(line) && framebuffer !== null && last) {
      commits.push({ call: last, framebuffer, evidence: line });
    } else {
      const set = SET.exec(line);
      if (set) framebuffer = Number(set[1]);
    }
  }
  return {
    given: givenBy(calls),
    // The line comes before the driver is asked, so what the call then came to counts.
    shown: commits.flatMap(({ call, ...rest }) =>
      call.ret === 0 ? [{ call: call.name, ...rest }] : [],
    ),
  };
}

function givenBy(calls: readonly Call[]): GivenFrame[] {
  const given: { -readonly [key in keyof GivenFrame]: GivenFrame[key] }[] = [];
  const imports = new Map<string, Call[]>();
  for (const call of calls) {
    const { pid, name, ret } = call;
    const before = imports.get(pid) ?? [];
    const errno = ret === 0 ? null : errnoSymbol(-ret);
    if (name === 'PRIME_FD_TO_HANDLE') {
      const evidence = [...before, call].flatMap((one) => one.lines);
      if (errno === null) imports.set(pid, [...before, call]);
      else {
        imports.delete(pid);
        given.push({ imported: true, exported: false, call: name, errno, evidence });
      }
    } else if (name === 'MODE_ADDFB2') {
      imports.delete(pid);
      const evidence = [...before, call].flatMap((one) => one.lines);
      given.push({ imported: before.length > 0, exported: false, call: name, errno, evidence });
    } else if (name === 'PRIME_HANDLE_TO_FD' && errno === null) {
      const own = given.findLast(({ imported }) => !imported);
      if (own) own.exported = true;
    }
  }
  return given;
}

/** A frame that was given to KMS, as facts have it. */
export function bufferOf({ call, errno }: GivenFrame, index: number): GivenBuffer {
  return { index, answer: errno === null ? 'accepted' : 'refused', errno, text: call };
}
