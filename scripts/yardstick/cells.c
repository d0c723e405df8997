// SPDX-License-Identifier: MIT
/*
 * The same cells in plain C, in a loop with nothing around them: the yardstick
 * for bufmatrix's speed, and a second witness of its verdicts. It is written
 * from the kernel's UAPI headers and EGL/GLES2/GBM alone and shares no code
 * with the harness.
 *
 *   cells [--rounds N] [--child] < IDS > ID<TAB>outcome<TAB>stage<TAB>errno<TAB>microseconds
 *
 * Displays, contexts, programs and device nodes stay open from one cell to the
 * next; each cell gets a new buffer. With --child each cell runs in a process
 * of its own, so that a crash is only that cell's. The lines are those of the
 * last round; a verdict that differs between rounds is said on stderr.
 * With -DNO_EGL neither Mesa nor libdrm is needed, and egl and gbm cells are
 * `unsupported`.
 */
#define _GNU_SOURCE
#include "cells/common.h"
#include "cells/buffers.h"
#include "cells/memory.h"
#include "cells/v4l2.h"
#include "cells/egl.h"
#include "cells/kms.h"

static bool alloc(struct buffer *b, const struct cell *c, const struct wish *w)
{
	uint32_t stride = w->stride ? w->stride :
				      ALIGN(c->width * c->format->bytes[0], STRIDE_ALIGN);
	const char *name;
	bool ok;
	off_t size;

	b->has_modifier = true;
	b->modifier = DRM_FORMAT_MOD_LINEAR;
	lay_out(b, c->format, stride, w->rows ? w->rows : c->height);
	if (b->used < w->size)
		b->used = w->size;
	if (!strcmp(c->backend, "udmabuf"))
		ok = alloc_udmabuf(b, false);
	else if (!strcmp(c->backend, "udmabuf-scattered"))
		ok = alloc_udmabuf(b, true);
	else if ((name = after(c->backend, "heap:")))
		ok = alloc_heap(b, name);
	else if ((name = after(c->backend, "dumb:")))
		ok = alloc_dumb(b, c, w, name);
	else if ((name = after(c->backend, "gbm:")))
		ok = alloc_gbm(b, c, name);
	else if ((name = after(c->backend, "v4l2:")))
		ok = alloc_v4l2(b, c, name);
	else
		ok = unsupported("alloc");
	if (!ok)
		return false;
	size = lseek(b->fd, 0, SEEK_END);
	if (size < 0)
		return fail("alloc", errno);
	b->size = (uint64_t)size;
	/* Content is written as far as `used`: a buffer that is too small must not be. */
	return b->used <= b->size || refused("alloc", "ENOSPC");
}

static void release(struct buffer *b)
{
	if (b->map)
		munmap(b->map, b->size);
	if (b->fd >= 0)
		close(b->fd);
	if (b->queue_fd >= 0)
		request(b->queue_fd, b->queue_type, V4L2_MEMORY_MMAP, 0);
#ifndef NO_EGL
	if (b->bo)
		gbm_bo_destroy(b->bo);
#endif
}

static bool try_cell(const struct cell *c, struct buffer *b)
{
	static const struct wish none;
	const char *driver;

	if (!strcmp(c->suite, "encoder")) {
		if ((driver = after(c->importer, "v4l2-m2m:")))
			return check_v4l2(c, b, driver, ENCODER);
		if ((driver = after(c->importer, "v4l2-output:")))
			return check_v4l2(c, b, driver, OUTPUT);
		return unsupported("open");
	}
	if (!strcmp(c->suite, "egl-render") && c->format->model == YUV)
		return unsupported("egl-image");
	if (!alloc(b, c, &none))
		return false;
	if (!strcmp(c->suite, "allocate"))
		return true;
	if (!strcmp(c->suite, "cpu"))
		return check_cpu(c, b);
	if ((driver = after(c->importer, "egl:")))
		return check_egl(c, b, driver, !strcmp(c->suite, "egl-render"));
	if ((driver = after(c->importer, "kms:")))
		return check_kms(c, b, driver,
				 strcmp(c->suite, "kms-overlay") ? PLANE_PRIMARY :
								   PLANE_OVERLAY);
	return unsupported("open");
}

static void run_cell(const struct cell *c)
{
	struct buffer b = { .fd = -1, .queue_fd = -1 };

	nonce = nonce * 1664525u + 1013904223u;
	if (try_cell(c, &b))
		say("pass", "-", "-");
	release(&b);
}

/* The cell in a process of its own; a signal or a hang is its verdict. */
static void run_child(const struct cell *c)
{
	int ends[2], status;

	nonce = nonce * 1664525u + 1013904223u;
	if (pipe2(ends, O_CLOEXEC)) {
		fail("open", errno);
		return;
	}
	pid_t child = fork();
	if (!child) {
		alarm(HANG_SECONDS);
		run_cell(c);
		if (write(ends[1], &verdict, sizeof(verdict)) != sizeof(verdict))
			_exit(2);
		_exit(0);
	}
	close(ends[1]);
	ssize_t got = child > 0 ? read(ends[0], &verdict, sizeof(verdict)) : 0;
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		fail("open", errno);
	} else if (got != sizeof(verdict)) {
		char signal_name[16] = "?";

		if (WIFSIGNALED(status))
			snprintf(signal_name, sizeof(signal_name), "SIG%s",
				 sigabbrev_np(WTERMSIG(status)));
		say(!strcmp(signal_name, "SIGALRM") ? "hang" : "crash", "-", signal_name);
	}
}

static const struct cell *running;
static void on_crash(int number)
{
	static const char text[] = "cells: crashed in ";

	if (running && write(2, text, sizeof(text) - 1) > 0 &&
	    write(2, running->id, strlen(running->id)) > 0 && write(2, "\n", 1) > 0)
		_exit(128 + number);
	_exit(128 + number);
}

int main(int argc, char **argv)
{
	unsigned rounds = 1, count = 0, room = 0;
	bool child = false;
	struct cell *cells = NULL;
	struct verdict *before;
	char line[256];

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--child")) {
			child = true;
		} else if (!strcmp(argv[i], "--rounds") && i + 1 < argc && atoi(argv[i + 1]) > 0) {
			rounds = (unsigned)atoi(argv[++i]);
		} else {
			fprintf(stderr, "usage: cells [--rounds N] [--child] < cell-ids\n");
			return 2;
		}
	}
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	nonce = (uint32_t)microseconds() ^ (uint32_t)getpid();
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = 0;
		if (!line[0])
			continue;
		if (count == room)
			cells = realloc(cells, (room = room ? room * 2 : 256) * sizeof(*cells));
		if (!parse_cell(line, &cells[count++])) {
			fprintf(stderr, "cells: not a cell id: %s\n", line);
			return 2;
		}
	}
	before = calloc(count + 1, sizeof(*before));
	if (!child) {
		signal(SIGSEGV, on_crash);
		signal(SIGBUS, on_crash);
	}
	uint64_t all = microseconds();
	for (unsigned round = 1; round <= rounds; round++) {
		uint64_t began = microseconds();

		for (unsigned i = 0; i < count; i++) {
			uint64_t start = microseconds();

			running = &cells[i];
			(child ? run_child : run_cell)(&cells[i]);
			uint64_t took = microseconds() - start;

			if (round > 1 && strcmp(before[i].outcome, verdict.outcome))
				fprintf(stderr, "varies: %s: %s, then %s\n", cells[i].id,
					before[i].outcome, verdict.outcome);
			before[i] = verdict;
			if (round == rounds) {
				printf("%s\t%s\t%s\t%s\t%llu\n", cells[i].id, verdict.outcome,
				       verdict.stage, verdict.error, (unsigned long long)took);
				fflush(stdout);
			}
		}
		fprintf(stderr, "round %u: %u cells in %.3f s\n", round, count,
			(double)(microseconds() - began) / 1e6);
	}
	double seconds = (double)(microseconds() - all) / 1e6;
	fprintf(stderr, "%u cells, %u rounds, %.3f s, %.1f cells per second\n", count, rounds, seconds,
		seconds > 0 ? count * rounds / seconds : 0);
	return 0;
}
