import { type FieldType, POINTER_BYTES, struct } from './struct.ts';

/**
 * Structs of include/uapi/linux/videodev2.h. On 32-bit Arm those that hold a time are the variants
 * with a 64-bit time_t, which every kernel since 5.6 takes whatever the libc was built with.
 */
const u8 = (offset: number, count = 1) => ({ type: 'u8' as FieldType, offset, count });
const u32 = (offset: number) => ({ type: 'u32' as FieldType, offset });
const i32 = (offset: number) => ({ type: 'i32' as FieldType, offset });
const ptr = (offset: number) => ({ type: 'ptr' as FieldType, offset });

const WIDE = POINTER_BYTES === 8;

export const v4l2Capability = struct({
  size: 104,
  fields: {
    driver: u8(0, 16),
    card: u8(16, 32),
    bus_info: u8(48, 32),
    version: u32(80),
    capabilities: u32(84),
    device_caps: u32(88),
  },
});

export const v4l2Fmtdesc = struct({
  size: 64,
  fields: { index: u32(0), type: u32(4), flags: u32(8), pixelformat: u32(44) },
});

/** Where the `fmt` union begins: it is aligned to a pointer. */
const FMT = WIDE ? 8 : 4;

/** struct v4l2_format with its `pix` member. */
export const v4l2FormatPix = struct({
  size: WIDE ? 208 : 204,
  fields: {
    type: u32(0),
    width: u32(FMT),
    height: u32(FMT + 4),
    pixelformat: u32(FMT + 8),
    field: u32(FMT + 12),
    bytesperline: u32(FMT + 16),
    sizeimage: u32(FMT + 20),
    colorspace: u32(FMT + 24),
  },
});

/** struct v4l2_format with its `pix_mp` member; `sizeimage` and `bytesperline` are plane_fmt[0]'s. */
export const v4l2FormatPixMp = struct({
  size: WIDE ? 208 : 204,
  fields: {
    type: u32(0),
    width: u32(FMT),
    height: u32(FMT + 4),
    pixelformat: u32(FMT + 8),
    field: u32(FMT + 12),
    colorspace: u32(FMT + 16),
    sizeimage: u32(FMT + 20),
    bytesperline: u32(FMT + 24),
    num_planes: u8(FMT + 180),
  },
});

export const v4l2Requestbuffers = struct({
  size: 20,
  fields: { count: u32(0), type: u32(4), memory: u32(8), capabilities: u32(12), flags: u8(16) },
});

/** `fd` and `offset` are members of one union; `planes` is its pointer member. */
export const v4l2Buffer = WIDE
  ? struct({
      size: 88,
      fields: {
        index: u32(0),
        type: u32(4),
        bytesused: u32(8),
        flags: u32(12),
        field: u32(16),
        sequence: u32(56),
        memory: u32(60),
        fd: i32(64),
        offset: u32(64),
        planes: ptr(64),
        length: u32(72),
      },
    })
  : struct({
      size: 80,
      fields: {
        index: u32(0),
        type: u32(4),
        bytesused: u32(8),
        flags: u32(12),
        field: u32(16),
        sequence: u32(56),
        memory: u32(60),
        fd: i32(64),
        offset: u32(64),
        planes: ptr(64),
        length: u32(68),
      },
    });

export const v4l2Plane = struct({
  size: WIDE ? 64 : 60,
  fields: {
    bytesused: u32(0),
    length: u32(4),
    fd: i32(8),
    mem_offset: u32(8),
    data_offset: u32(WIDE ? 16 : 12),
  },
});

export const v4l2Exportbuffer = struct({
  size: 64,
  fields: { type: u32(0), index: u32(4), plane: u32(8), flags: u32(12), fd: i32(16) },
});

export const v4l2Control = struct({ size: 8, fields: { id: u32(0), value: i32(4) } });
