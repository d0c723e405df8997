// SPDX-License-Identifier: MIT
/* A part of cells.c: buffers and the exporters that are not Mesa or V4L2. */

struct buffer {
	int fd;
	uint64_t size; /* of the whole dma-buf */
	bool has_modifier;
	uint64_t modifier;
	uint32_t stride[MAX_PLANES];
	uint64_t offset[MAX_PLANES];
	uint64_t used; /* bytes from the first plane's start to the last one's end */
	uint8_t *map;
	int queue_fd; /* V4L2 exporter whose queue to free, or -1 */
	uint32_t queue_type;
#ifndef NO_EGL
	struct gbm_bo *bo;
#endif
};

/* What an importer wants of the memory: 0 where it leaves it to the exporter. */
struct wish {
	uint32_t stride, rows;
	uint64_t size;
};

/* Planes one after another; chroma strides follow from the first by subsampling. */
static void lay_out(struct buffer *b, const struct format *f, uint32_t stride, uint32_t rows)
{
	uint64_t at = 0;

	for (unsigned p = 0; p < f->planes; p++) {
		unsigned sub = p ? f->sub : 1;

		b->stride[p] = stride / sub * f->bytes[p] / f->bytes[0];
		b->offset[p] = at;
		at += (uint64_t)b->stride[p] * ((rows + sub - 1) / sub);
	}
	b->used = at;
}

static unsigned plane_rows(const struct cell *c, unsigned p)
{
	return p ? (c->height + c->format->sub - 1) / c->format->sub : c->height;
}

static unsigned plane_bytes(const struct cell *c, unsigned p)
{
	unsigned groups = p ? (c->width + c->format->sub - 1) / c->format->sub : c->width;

	return groups * c->format->bytes[p];
}

static unsigned long read_number(const char *path)
{
	unsigned long value = 0;
	FILE *file = fopen(path, "re");

	if (file) {
		if (fscanf(file, "%lu", &value) != 1)
			value = 0;
		fclose(file);
	}
	return value;
}

/* An absurd size makes the system heap call the OOM killer rather than say ENOMEM. */
static bool too_much(uint64_t size)
{
	unsigned long available = 0;
	char line[128];
	FILE *file = fopen("/proc/meminfo", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %lu", &available) == 1)
			break;
	if (file)
		fclose(file);
	return size > (uint64_t)available * 1024 / 4;
}

static int cached_open(const char *path, int flags)
{
	static struct {
		char path[64];
		int fd;
	} cache[32];

	for (unsigned i = 0; i < COUNT(cache); i++) {
		if (!strcmp(cache[i].path, path))
			return cache[i].fd;
		if (cache[i].path[0])
			continue;
		int fd = open(path, flags | O_CLOEXEC);
		if (fd >= 0) {
			snprintf(cache[i].path, sizeof(cache[i].path), "%s", path);
			cache[i].fd = fd;
		}
		return fd;
	}
	errno = EMFILE;
	return -1;
}

static int new_memfd(uint64_t size)
{
	int fd = memfd_create("cells", MFD_ALLOW_SEALING | MFD_CLOEXEC);

	if (fd >= 0 && (ftruncate(fd, (off_t)size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK))) {
		int error = errno;
		close(fd);
		errno = error;
		fd = -1;
	}
	return fd;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	return b ? gcd(b, a % b) : a;
}

static bool alloc_udmabuf(struct buffer *b, bool scattered)
{
	uint64_t size = ALIGN(b->used, page_size);
	uint32_t pages = (uint32_t)(size / page_size), factor = 7919;
	int device = cached_open("/dev/udmabuf", O_RDWR), memfd;

	if (device < 0)
		return fail("open", errno);
	if (scattered && pages + 1 > read_number("/sys/module/udmabuf/parameters/list_limit"))
		return unsupported("alloc");
	memfd = new_memfd(size);
	if (memfd < 0)
		return fail("alloc", errno);
	if (!scattered) {
		struct udmabuf_create create = { .memfd = (uint32_t)memfd,
						 .flags = UDMABUF_FLAGS_CLOEXEC,
						 .size = size };
		b->fd = xioctl(device, UDMABUF_CREATE, &create);
	} else {
		struct udmabuf_create_list *list =
			calloc(1, sizeof(*list) + (pages + 1) * sizeof(list->list[0]));
		list->flags = UDMABUF_FLAGS_CLOEXEC;
		list->count = pages + 1;
		while (gcd(factor, pages) != 1)
			factor += 2;
		for (uint32_t i = 0; i <= pages; i++) {
			list->list[i].memfd = (uint32_t)memfd;
			list->list[i].offset = (uint64_t)i * factor % pages * page_size;
			list->list[i].size = page_size;
		}
		b->fd = xioctl(device, UDMABUF_CREATE_LIST, list);
		free(list);
	}
	int error = errno;
	close(memfd);
	return b->fd >= 0 || fail("alloc", error);
}

static bool alloc_heap(struct buffer *b, const char *name)
{
	char path[64];
	struct dma_heap_allocation_data data = { .len = ALIGN(b->used, page_size),
						 .fd_flags = O_RDWR | O_CLOEXEC };
	int heap;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", name);
	heap = cached_open(path, O_RDWR);
	if (heap < 0)
		return fail("open", errno);
	if (too_much(data.len))
		return unsupported("alloc");
	if (xioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return fail("alloc", errno);
	b->fd = (int)data.fd;
	return true;
}

static bool drm_is(int fd, const char *driver)
{
	char name[32] = "";
	struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };

	return !xioctl(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, driver);
}

/*
 * Opens the first node of `kind` ("card", "renderD") of that driver. Who opens a
 * card first becomes its DRM master: unless it is wanted, it is given up again.
 */
static int drm_open_kind(const char *driver, const char *kind, bool master)
{
	int error = ENODEV;

	for (int minor = 0; minor < 256; minor++) {
		char path[32];
		snprintf(path, sizeof(path), "/dev/dri/%s%d", kind, minor);
		int fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			if (errno != ENOENT && errno != ENODEV)
				error = errno;
			continue;
		}
		if (drm_is(fd, driver)) {
			xioctl(fd, master ? DRM_IOCTL_SET_MASTER : DRM_IOCTL_DROP_MASTER, NULL);
			return fd;
		}
		close(fd);
	}
	errno = error;
	return -1;
}

/* A card of that driver for CREATE_DUMB, apart from the one that imports. */
static int dumb_node(const char *driver)
{
	static struct {
		char driver[40];
		int fd;
	} nodes[8];

	for (unsigned i = 0; i < COUNT(nodes); i++) {
		if (!strcmp(nodes[i].driver, driver))
			return nodes[i].fd;
		if (nodes[i].driver[0])
			continue;
		int fd = drm_open_kind(driver, "card", false);
		if (fd >= 0) {
			snprintf(nodes[i].driver, sizeof(nodes[i].driver), "%s", driver);
			nodes[i].fd = fd;
		}
		return fd;
	}
	errno = EMFILE;
	return -1;
}

static bool alloc_dumb(struct buffer *b, const struct cell *c, const struct wish *w,
		       const char *driver)
{
	const struct format *f = c->format;
	uint32_t rows = w->rows ? w->rows : c->height;
	/* One row of plane 0 a dumb row; chroma and a wish for more are rows at the end. */
	struct drm_mode_create_dumb dumb = {
		.width = w->stride ? w->stride / f->bytes[0] : c->width,
		.bpp = f->bytes[0] * 8,
		.height = f->model == YUV ? rows + (rows + 1) / 2 : rows,
	};
	int fd = dumb_node(driver);

	if (fd < 0)
		return fail("open", errno);
	if (w->size && w->stride && (uint64_t)dumb.height * w->stride < w->size)
		dumb.height = (uint32_t)((w->size + w->stride - 1) / w->stride);
	if (xioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return fail("alloc", errno);
	struct drm_prime_handle prime = { .handle = dumb.handle, .flags = DRM_CLOEXEC | DRM_RDWR };
	int error = xioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime) ? errno : 0;
	struct drm_mode_destroy_dumb destroy = { .handle = dumb.handle };
	xioctl(fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
	if (error)
		return fail("alloc", error);
	b->fd = prime.fd;
	lay_out(b, f, dumb.pitch, rows);
	return true;
}
