// SPDX-License-Identifier: MIT
/* A part of cells.c: headers, verdicts, formats and cell ids. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <linux/videodev2.h>
/* Debian's amd64 kernel headers leave <drm/> to libdrm-dev, which has the same files. */
#if __has_include(<drm/drm.h>)
#include <drm/drm.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_mode.h>
#else
#include <libdrm/drm.h>
#include <libdrm/drm_fourcc.h>
#include <libdrm/drm_mode.h>
#endif

#ifndef NO_EGL
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <GLES2/gl2ext.h>
#include <gbm.h>
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALIGN(value, to) (((value) + (to) - 1) / (to) * (to))
enum { MAX_PLANES = 3, STRIDE_ALIGN = 256, BLOCK = 16, YUV_TOLERANCE = 2, HANG_SECONDS = 60 };

static uint64_t page_size;
static uint32_t nonce;

struct verdict {
	char outcome[12], stage[16], error[40];
};
static struct verdict verdict;

static void say(const char *outcome, const char *stage, const char *error)
{
	snprintf(verdict.outcome, sizeof(verdict.outcome), "%s", outcome);
	snprintf(verdict.stage, sizeof(verdict.stage), "%s", stage);
	snprintf(verdict.error, sizeof(verdict.error), "%s", error);
}

static bool unsupported(const char *stage)
{
	say("unsupported", stage, "-");
	return false;
}

static bool refused(const char *stage, const char *error)
{
	say("refused", stage, error);
	return false;
}

/* The verdict for `error` at `stage`; always false, to be returned. */
static bool fail(const char *stage, int error)
{
	const char *name = strerrorname_np(error);
	const char *outcome = "refused";
	bool opening = !strcmp(stage, "open"), allocating = !strcmp(stage, "alloc");

	if ((error == EACCES || error == EPERM) && strcmp(stage, "map"))
		outcome = "blocked";
	else if (opening && (error == ENOENT || error == ENODEV || error == ENXIO))
		outcome = "unsupported";
	else if (allocating && (error == ENOSYS || error == EOPNOTSUPP || error == ENOTTY))
		outcome = "unsupported";
	say(outcome, stage, name ? name : "?");
	return false;
}

static int xioctl(int fd, unsigned long request, void *argument)
{
	int ret;

	do
		ret = ioctl(fd, request, argument);
	while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	return ret;
}

static uint64_t microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

enum model { RGB, YUV, CHANNELS };
struct format {
	const char *name;
	uint32_t code;
	enum model model;
	unsigned planes;
	unsigned bytes[MAX_PLANES];
	/* Subsampling of plane 0 is 1; of the others this, both ways. */
	unsigned sub;
};
static const struct format formats[] = {
	{ "XR24", DRM_FORMAT_XRGB8888, RGB, 1, { 4 }, 1 },
	{ "AR24", DRM_FORMAT_ARGB8888, RGB, 1, { 4 }, 1 },
	{ "NV12", DRM_FORMAT_NV12, YUV, 2, { 1, 2 }, 2 },
	{ "YU12", DRM_FORMAT_YUV420, YUV, 3, { 1, 1, 1 }, 2 },
	{ "R8", DRM_FORMAT_R8, CHANNELS, 1, { 1 }, 1 },
	{ "GR88", DRM_FORMAT_GR88, CHANNELS, 1, { 2 }, 1 },
	{ "R16", DRM_FORMAT_R16, CHANNELS, 1, { 2 }, 1 },
	{ "GR32", DRM_FORMAT_GR1616, CHANNELS, 1, { 4 }, 1 },
};

struct cell {
	char id[256];
	char suite[16], backend[48], importer[48], modifier[24];
	const struct format *format;
	uint32_t width, height;
};

static bool parse_cell(const char *line, struct cell *cell)
{
	char format[8];

	memset(cell, 0, sizeof(*cell));
	snprintf(cell->id, sizeof(cell->id), "%s", line);
	if (sscanf(line, "%15[^/]/%47[^/]/%47[^/]/%7[^/]/%ux%u/%23[^/]", cell->suite, cell->backend,
		   cell->importer, format, &cell->width, &cell->height, cell->modifier) != 7)
		return false;
	for (unsigned i = 0; i < COUNT(formats); i++)
		if (!strcmp(formats[i].name, format))
			cell->format = &formats[i];
	return cell->format && cell->width && cell->height && cell->width <= 16384 &&
	       cell->height <= 16384;
}

static const char *after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? NULL : text + length;
}
