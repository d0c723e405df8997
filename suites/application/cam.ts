import { bufferOf, readDrmLog } from './drm-log.ts';
import type { Output, Program, Reading } from './program.ts';

/**
 * libcamera's cam with libcamera's virtual camera, which allocates as the software ISP does
 * (src/libcamera/dma_buf_allocator.cpp). With -D it shows frames by KMS (src/apps/cam/kms_sink.cpp).
 */
export const cam: Program = {
  name: 'cam',
  policy: 'libcamera-0.7.2',
  suite: 'kms-primary',
  needsCompositor: false,
  files: {
    // In the manner of src/libcamera/pipeline/virtual/data/virtual.yaml.
    '/usr/share/libcamera/pipeline/virtual/virtual.yaml': [
      '%YAML 1.1',
      '---',
      '"Virtual0":',
      '  supported_formats:',
      ...[
        [640, 480],
        [1280, 720],
        [1920, 1080],
      ].flatMap(([width, height]) => [
        `  - width: ${width}`,
        `    height: ${height}`,
        '    frame_rates: [30, 60]',
      ]),
      '  test_pattern: "lines"',
      '...',
      '',
    ].join('\n'),
  },
  versionCommand: ['cam', '--version'],
  readVersion: (text) => {
    const version = /^libcamera version v?(\S+)$/m.exec(text)?.[1];
    if (version === undefined) throw new Error(`cam --version says no version: ${text.trim()}`);
    return version;
  },
  start: ({ format, width, height, frames, display }) => ({
    argv: [
      'cam',
      '--camera=1',
      `--capture=${frames}`,
      ...(display === null ? [] : ['--display']),
      `--stream=width=${width},height=${height},pixelformat=${format}`,
    ],
    environment: {
      LIBCAMERA_LOG_LEVELS: 'DmaBufAllocator:DEBUG',
      LIBCAMERA_LOG_NO_COLOR: '1',
    },
  }),
  read,
};

const USING = /DmaBufAllocator .* Using \/dev\/(\S+)$/;
const NONE = /DmaBufAllocator .* Could not open any dma-buf provider$/;
const REFUSED = /^Unable to import framebuffer dmabuf: /;

function read({ lines, kernelLog }: Output): Reading {
  // The pipeline's registration and the camera's make an allocator each.
  const named = lines.filter((line) => USING.test(line) || NONE.test(line));
  const providers = new Set(named.map(providerOf));
  const [provider] = providers;
  if (provider === undefined || providers.size > 1) {
    const found =
      providers.size > 1 ? `names ${[...providers].map(String).join(' and ')} as its` : 'names no';
    throw new Error(`cam ${found} dma-buf provider:\n${lines.slice(-12).join('\n')}`);
  }
  const drm = readDrmLog(kernelLog);
  const refusals = lines.filter((line) => REFUSED.test(line));
  const refused = drm.given.filter(({ call, errno }) => call !== 'MODE_ADDFB2' && errno !== null);
  if (refusals.length !== refused.length) {
    throw new Error(
      `cam says that ${refusals.length} buffers were not imported, the kernel says ${refused.length}`,
    );
  }
  const evidence = [
    ...named,
    ...refusals,
    ...drm.given.flatMap((frame) => frame.evidence),
    ...drm.shown.map((frame) => frame.evidence),
  ];
  return { provider, buffers: drm.given.map(bufferOf), shown: drm.shown.length, evidence };
}

function providerOf(line: string): Reading['provider'] {
  const node = USING.exec(line)?.[1];
  if (node === undefined) return null;
  if (node === 'udmabuf') return node;
  const heap = /^dma_heap\/(.+)$/.exec(node)?.[1];
  if (heap === undefined) throw new Error(`cam names /dev/${node} as its dma-buf provider`);
  return `heap:${heap}`;
}
