import type { Task } from './program.ts';

/** What every GStreamer pipeline here is started with, but for the sink. */
export const gstreamer = {
  versionCommand: ['gst-launch-1.0', '--version'],
  /** @throws Error when the text is not what gst-launch-1.0 prints. */
  readVersion: (text: string): string => {
    const version = /^GStreamer (\S+)$/m.exec(text)?.[1];
    if (version === undefined) throw new Error(`gst-launch-1.0 says no version: ${text.trim()}`);
    return version;
  },
  /** A pipeline that makes test pictures and gives them to a sink. @param rate a second: `1/4`. */
  argv: ({ format, width, height, frames }: Task, rate: string, sink: readonly string[]) => [
    'gst-launch-1.0',
    'videotestsrc',
    `num-buffers=${frames}`,
    '!',
    `video/x-raw,format=${format},width=${width},height=${height},framerate=${rate}`,
    '!',
    ...sink,
  ],
} as const;
