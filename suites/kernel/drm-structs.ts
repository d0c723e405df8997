import { type FieldType, POINTER_BYTES, struct } from './struct.ts';

/**
 * Structs of include/uapi/drm/drm.h and drm_mode.h. Pointers are u64 on every architecture, with
 * drm_version's as the only exception. Every size is the one of 64-bit and of Arm EABI.
 */
const u8 = (offset: number, count = 1) => ({ type: 'u8' as FieldType, offset, count });
const u16 = (offset: number, count = 1) => ({ type: 'u16' as FieldType, offset, count });
const u32 = (offset: number, count = 1) => ({ type: 'u32' as FieldType, offset, count });
const i32 = (offset: number) => ({ type: 'i32' as FieldType, offset });
const u64 = (offset: number, count = 1) => ({ type: 'u64' as FieldType, offset, count });
const ptr = (offset: number) => ({ type: 'ptr' as FieldType, offset });

export const drmVersion =
  POINTER_BYTES === 8
    ? struct({ size: 64, fields: { name_len: ptr(16), name: ptr(24) } })
    : struct({ size: 36, fields: { name_len: ptr(12), name: ptr(16) } });

export const drmGetCap = struct({ size: 16, fields: { capability: u64(0), value: u64(8) } });
export const drmSetClientCap = struct({ size: 16, fields: { capability: u64(0), value: u64(8) } });
export const drmAuth = struct({ size: 4, fields: { magic: u32(0) } });
export const drmGemClose = struct({ size: 8, fields: { handle: u32(0) } });
export const drmPrimeHandle = struct({
  size: 12,
  fields: { handle: u32(0), flags: u32(4), fd: i32(8) },
});

export const drmModeCreateDumb = struct({
  size: 32,
  fields: {
    height: u32(0),
    width: u32(4),
    bpp: u32(8),
    flags: u32(12),
    handle: u32(16),
    pitch: u32(20),
    size: u64(24),
  },
});
export const drmModeDestroyDumb = struct({ size: 4, fields: { handle: u32(0) } });

export const drmModeFbCmd2 = struct({
  size: 104,
  fields: {
    fb_id: u32(0),
    width: u32(4),
    height: u32(8),
    pixel_format: u32(12),
    flags: u32(16),
    handles: u32(20, 4),
    pitches: u32(36, 4),
    offsets: u32(52, 4),
    modifier: u64(72, 4),
  },
});

export const drmModeCardRes = struct({
  size: 64,
  fields: {
    fb_id_ptr: u64(0),
    crtc_id_ptr: u64(8),
    connector_id_ptr: u64(16),
    encoder_id_ptr: u64(24),
    count_fbs: u32(32),
    count_crtcs: u32(36),
    count_connectors: u32(40),
    count_encoders: u32(44),
    min_width: u32(48),
    max_width: u32(52),
    min_height: u32(56),
    max_height: u32(60),
  },
});

export const drmModeModeinfo = struct({
  size: 68,
  fields: {
    clock: u32(0),
    hdisplay: u16(4),
    vdisplay: u16(14),
    vscan: u16(22),
    vrefresh: u32(24),
    flags: u32(28),
    type: u32(32),
    name: u8(36, 32),
  },
});

export const drmModeGetConnector = struct({
  size: 80,
  fields: {
    encoders_ptr: u64(0),
    modes_ptr: u64(8),
    props_ptr: u64(16),
    prop_values_ptr: u64(24),
    count_modes: u32(32),
    count_props: u32(36),
    count_encoders: u32(40),
    encoder_id: u32(44),
    connector_id: u32(48),
    connector_type: u32(52),
    connector_type_id: u32(56),
    connection: u32(60),
  },
});

export const drmModeGetEncoder = struct({
  size: 20,
  fields: {
    encoder_id: u32(0),
    encoder_type: u32(4),
    crtc_id: u32(8),
    possible_crtcs: u32(12),
    possible_clones: u32(16),
  },
});

export const drmModeGetPlaneRes = struct({
  size: 16,
  fields: { plane_id_ptr: u64(0), count_planes: u32(8) },
});

export const drmModeGetPlane = struct({
  size: 32,
  fields: {
    plane_id: u32(0),
    crtc_id: u32(4),
    fb_id: u32(8),
    possible_crtcs: u32(12),
    gamma_size: u32(16),
    count_format_types: u32(20),
    format_type_ptr: u64(24),
  },
});

export const drmModeObjGetProperties = struct({
  size: 32,
  fields: {
    props_ptr: u64(0),
    prop_values_ptr: u64(8),
    count_props: u32(16),
    obj_id: u32(20),
    obj_type: u32(24),
  },
});

export const drmModeGetProperty = struct({
  size: 64,
  fields: {
    values_ptr: u64(0),
    enum_blob_ptr: u64(8),
    prop_id: u32(16),
    flags: u32(20),
    name: u8(24, 32),
    count_values: u32(56),
    count_enum_blobs: u32(60),
  },
});

export const drmModePropertyEnum = struct({
  size: 40,
  fields: { value: u64(0), name: u8(8, 32) },
});

export const drmModeGetBlob = struct({
  size: 16,
  fields: { blob_id: u32(0), length: u32(4), data: u64(8) },
});
export const drmModeCreateBlob = struct({
  size: 16,
  fields: { data: u64(0), length: u32(8), blob_id: u32(12) },
});
export const drmModeDestroyBlob = struct({ size: 4, fields: { blob_id: u32(0) } });

/** Not of an ioctl: the head of the blob in a plane's property IN_FORMATS, and its entries. */
export const drmFormatModifierBlob = struct({
  size: 24,
  fields: {
    version: u32(0),
    flags: u32(4),
    count_formats: u32(8),
    formats_offset: u32(12),
    count_modifiers: u32(16),
    modifiers_offset: u32(20),
  },
});
export const drmFormatModifier = struct({
  size: 24,
  fields: { formats: u64(0), offset: u32(8), pad: u32(12), modifier: u64(16) },
});

export const drmModeAtomic = struct({
  size: 56,
  fields: {
    flags: u32(0),
    count_objs: u32(4),
    objs_ptr: u64(8),
    count_props_ptr: u64(16),
    props_ptr: u64(24),
    prop_values_ptr: u64(32),
    reserved: u64(40),
    user_data: u64(48),
  },
});
