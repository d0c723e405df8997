import { bufferOf, readDrmLog } from './drm-log.ts';
import { gstreamer } from './gstreamer.ts';
import type { Output, Program, Reading } from './program.ts';

/** Quick enough for a test, slow enough for a page flip a frame. */
const FRAMES_A_SECOND = '10/1';

/**
 * GStreamer's kmssink, which offers its source a pool of the display's own dumb buffers
 * (subprojects/gst-plugins-bad/sys/kms).
 */
export const kmssink: Program = {
  name: 'kmssink',
  policy: 'gstreamer-1.28-kmssink',
  suite: 'kms-primary',
  needsCompositor: false,
  files: {},
  versionCommand: gstreamer.versionCommand,
  readVersion: gstreamer.readVersion,
  start: (task) => {
    if (task.display === null) throw new RangeError('kmssink needs a display');
    const sink = ['kmssink', `driver-name=${task.display}`];
    return {
      argv: gstreamer.argv(task, FRAMES_A_SECOND, sink),
      environment: {
        GST_DEBUG: 'kmssink:5,kmsallocator:5,kmsbufferpool:5,udmabuf:6',
        GST_DEBUG_NO_COLOR: '1',
      },
    };
  },
  read,
};

const DRIVER = /<kmssink\d*> DRM v\S+ \[(\S+)/;
const POOL = /<kmsbufferpool\d*> /;

function read({ lines, kernelLog }: Output): Reading {
  const driver = lines.find((line) => DRIVER.test(line));
  if (driver === undefined) {
    throw new Error(`kmssink names no driver:\n${lines.slice(-12).join('\n')}`);
  }
  const pool = lines.filter((line) => POOL.test(line));
  const drm = readDrmLog(kernelLog);
  // Its first buffer only sets the mode, and never leaves it.
  const given = drm.given.filter(({ imported, exported }) => imported || exported);
  const shown = drm.shown.filter(({ call }) => call !== 'MODE_SETCRTC');
  return {
    provider: pool.length === 0 ? null : `dumb:${DRIVER.exec(driver)?.[1] ?? ''}`,
    buffers: given.map(bufferOf),
    shown: shown.length,
    evidence: [
      driver,
      ...pool,
      ...given.flatMap(({ evidence }) => evidence),
      ...shown.map(({ evidence }) => evidence),
    ],
  };
}
