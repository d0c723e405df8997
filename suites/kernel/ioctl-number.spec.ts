import { test } from '@japa/runner';
import * as drm from './drm-structs.ts';
import { INT, io, ior, iow, iowr } from './ioctl-number.ts';
import { POINTER_BYTES } from './struct.ts';
import * as v4l2 from './v4l2-structs.ts';

/** As gcc printed them from the kernel's own headers, on 64-bit machines. */
const ROWS = [
  { name: 'DRM_IOCTL_VERSION', ours: iowr('d', 0x00, drm.drmVersion), theirs: 0xc0406400 },
  { name: 'DRM_IOCTL_GET_CAP', ours: iowr('d', 0x0c, drm.drmGetCap), theirs: 0xc010640c },
  { name: 'DRM_IOCTL_GEM_CLOSE', ours: iow('d', 0x09, drm.drmGemClose), theirs: 0x40086409 },
  { name: 'DRM_IOCTL_DROP_MASTER', ours: io('d', 0x1f), theirs: 0x641f },
  { name: 'PRIME_FD_TO_HANDLE', ours: iowr('d', 0x2e, drm.drmPrimeHandle), theirs: 0xc00c642e },
  { name: 'CREATE_DUMB', ours: iowr('d', 0xb2, drm.drmModeCreateDumb), theirs: 0xc02064b2 },
  { name: 'ADDFB2', ours: iowr('d', 0xb8, drm.drmModeFbCmd2), theirs: 0xc06864b8 },
  { name: 'RMFB', ours: iowr('d', 0xaf, INT), theirs: 0xc00464af },
  { name: 'GETCONNECTOR', ours: iowr('d', 0xa7, drm.drmModeGetConnector), theirs: 0xc05064a7 },
  { name: 'GETPLANERESOURCES', ours: iowr('d', 0xb5, drm.drmModeGetPlaneRes), theirs: 0xc01064b5 },
  { name: 'ATOMIC', ours: iowr('d', 0xbc, drm.drmModeAtomic), theirs: 0xc03864bc },
  { name: 'VIDIOC_QUERYCAP', ours: ior('V', 0, v4l2.v4l2Capability), theirs: 0x80685600 },
  { name: 'VIDIOC_S_FMT', ours: iowr('V', 5, v4l2.v4l2FormatPix), theirs: 0xc0d05605 },
  { name: 'VIDIOC_S_FMT (mplane)', ours: iowr('V', 5, v4l2.v4l2FormatPixMp), theirs: 0xc0d05605 },
  { name: 'VIDIOC_QBUF', ours: iowr('V', 15, v4l2.v4l2Buffer), theirs: 0xc058560f },
  { name: 'VIDIOC_EXPBUF', ours: iowr('V', 16, v4l2.v4l2Exportbuffer), theirs: 0xc0405610 },
  { name: 'VIDIOC_S_CTRL', ours: iowr('V', 28, v4l2.v4l2Control), theirs: 0xc008561c },
  { name: 'VIDIOC_STREAMON', ours: iow('V', 18, INT), theirs: 0x40045612 },
  { name: 'VIDIOC_ENCODER_CMD', ours: iowr('V', 77, { size: 40 }), theirs: 0xc028564d },
];

test('{name} has the number that the kernel gives it')
  .with(ROWS)
  .run(({ assert }, { ours, theirs }) => {
    assert.equal(ours.toString(16), theirs.toString(16));
  })
  .skip(POINTER_BYTES !== 8, 'the numbers are those of 64-bit machines');
