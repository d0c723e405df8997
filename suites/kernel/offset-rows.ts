import {
  dmaBufSync,
  dmaHeapAllocationData,
  udmabufCreate,
  udmabufCreateItem,
  udmabufCreateList,
} from './dma-buf-structs.ts';
import * as drm from './drm-structs.ts';
import type { Field } from './struct.ts';
import * as v4l2 from './v4l2-structs.ts';

/** A struct of the kernel's headers and our table of it; ./offsets.spec.ts asks a C compiler. */
export interface OffsetRow {
  readonly struct: string;
  /** Tells two tables of one struct apart, where a union has two uses. */
  readonly name?: string;
  /** As in `#include <...>`. */
  readonly header: string;
  readonly codec: {
    readonly size: number;
    readonly fields: Readonly<Record<string, Field>>;
  };
  /** C members of fields that are named otherwise here: `{ planes: 'm.planes' }`. */
  readonly members?: Readonly<Record<string, string>>;
}

/** Every struct that goes to an ioctl or comes in a blob. Modules imported here may load no C library. */
export const OFFSET_ROWS: readonly OffsetRow[] = [
  { struct: 'udmabuf_create', header: 'linux/udmabuf.h', codec: udmabufCreate },
  { struct: 'udmabuf_create_item', header: 'linux/udmabuf.h', codec: udmabufCreateItem },
  { struct: 'udmabuf_create_list', header: 'linux/udmabuf.h', codec: udmabufCreateList },
  { struct: 'dma_heap_allocation_data', header: 'linux/dma-heap.h', codec: dmaHeapAllocationData },
  { struct: 'dma_buf_sync', header: 'linux/dma-buf.h', codec: dmaBufSync },
  { struct: 'drm_version', header: 'drm/drm.h', codec: drm.drmVersion },
  { struct: 'drm_get_cap', header: 'drm/drm.h', codec: drm.drmGetCap },
  { struct: 'drm_set_client_cap', header: 'drm/drm.h', codec: drm.drmSetClientCap },
  { struct: 'drm_auth', header: 'drm/drm.h', codec: drm.drmAuth },
  { struct: 'drm_gem_close', header: 'drm/drm.h', codec: drm.drmGemClose },
  { struct: 'drm_prime_handle', header: 'drm/drm.h', codec: drm.drmPrimeHandle },
  { struct: 'drm_mode_create_dumb', header: 'drm/drm.h', codec: drm.drmModeCreateDumb },
  { struct: 'drm_mode_destroy_dumb', header: 'drm/drm.h', codec: drm.drmModeDestroyDumb },
  { struct: 'drm_mode_fb_cmd2', header: 'drm/drm.h', codec: drm.drmModeFbCmd2 },
  { struct: 'drm_mode_card_res', header: 'drm/drm.h', codec: drm.drmModeCardRes },
  { struct: 'drm_mode_modeinfo', header: 'drm/drm.h', codec: drm.drmModeModeinfo },
  { struct: 'drm_mode_get_connector', header: 'drm/drm.h', codec: drm.drmModeGetConnector },
  { struct: 'drm_mode_get_encoder', header: 'drm/drm.h', codec: drm.drmModeGetEncoder },
  { struct: 'drm_mode_get_plane_res', header: 'drm/drm.h', codec: drm.drmModeGetPlaneRes },
  { struct: 'drm_mode_get_plane', header: 'drm/drm.h', codec: drm.drmModeGetPlane },
  {
    struct: 'drm_mode_obj_get_properties',
    header: 'drm/drm.h',
    codec: drm.drmModeObjGetProperties,
  },
  { struct: 'drm_mode_get_property', header: 'drm/drm.h', codec: drm.drmModeGetProperty },
  { struct: 'drm_mode_property_enum', header: 'drm/drm.h', codec: drm.drmModePropertyEnum },
  { struct: 'drm_mode_get_blob', header: 'drm/drm.h', codec: drm.drmModeGetBlob },
  { struct: 'drm_mode_create_blob', header: 'drm/drm.h', codec: drm.drmModeCreateBlob },
  { struct: 'drm_mode_destroy_blob', header: 'drm/drm.h', codec: drm.drmModeDestroyBlob },
  {
    struct: 'drm_format_modifier_blob',
    header: 'drm/drm.h',
    codec: drm.drmFormatModifierBlob,
  },
  { struct: 'drm_format_modifier', header: 'drm/drm.h', codec: drm.drmFormatModifier },
  { struct: 'drm_mode_atomic', header: 'drm/drm.h', codec: drm.drmModeAtomic },
  { struct: 'v4l2_capability', header: 'linux/videodev2.h', codec: v4l2.v4l2Capability },
  { struct: 'v4l2_fmtdesc', header: 'linux/videodev2.h', codec: v4l2.v4l2Fmtdesc },
  { struct: 'v4l2_requestbuffers', header: 'linux/videodev2.h', codec: v4l2.v4l2Requestbuffers },
  { struct: 'v4l2_exportbuffer', header: 'linux/videodev2.h', codec: v4l2.v4l2Exportbuffer },
  { struct: 'v4l2_control', header: 'linux/videodev2.h', codec: v4l2.v4l2Control },
  {
    struct: 'v4l2_buffer',
    header: 'linux/videodev2.h',
    codec: v4l2.v4l2Buffer,
    members: { fd: 'm.fd', offset: 'm.offset', planes: 'm.planes' },
  },
  {
    struct: 'v4l2_plane',
    header: 'linux/videodev2.h',
    codec: v4l2.v4l2Plane,
    members: { fd: 'm.fd', mem_offset: 'm.mem_offset' },
  },
  {
    struct: 'v4l2_format',
    header: 'linux/videodev2.h',
    codec: v4l2.v4l2FormatPix,
    members: {
      width: 'fmt.pix.width',
      height: 'fmt.pix.height',
      pixelformat: 'fmt.pix.pixelformat',
      field: 'fmt.pix.field',
      bytesperline: 'fmt.pix.bytesperline',
      sizeimage: 'fmt.pix.sizeimage',
      colorspace: 'fmt.pix.colorspace',
    },
  },
  {
    struct: 'v4l2_format',
    name: 'v4l2_format_mp',
    header: 'linux/videodev2.h',
    codec: v4l2.v4l2FormatPixMp,
    members: {
      width: 'fmt.pix_mp.width',
      height: 'fmt.pix_mp.height',
      pixelformat: 'fmt.pix_mp.pixelformat',
      field: 'fmt.pix_mp.field',
      colorspace: 'fmt.pix_mp.colorspace',
      sizeimage: 'fmt.pix_mp.plane_fmt[0].sizeimage',
      bytesperline: 'fmt.pix_mp.plane_fmt[0].bytesperline',
      num_planes: 'fmt.pix_mp.num_planes',
    },
  },
];
