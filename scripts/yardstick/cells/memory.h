// SPDX-License-Identifier: MIT
/* A part of cells.c: content, and what the CPU sees of it. */

static bool map(struct buffer *b)
{
	b->map = mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	if (b->map != MAP_FAILED)
		return true;
	b->map = NULL;
	return fail("map", errno);
}

static bool sync_cpu(const struct buffer *b, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	return !xioctl(b->fd, DMA_BUF_IOCTL_SYNC, &sync) || fail("sync", errno);
}

/* Where the content of block `index` of a YUV picture is between black and white. */
static void block_colour(uint32_t index, int yuv[3])
{
	uint32_t mixed = (index + 1) * 2654435761u + nonce * 40503u;

	yuv[0] = 16 + (int)((mixed >> 24) % 220);
	yuv[1] = 64 + (int)((mixed >> 16) & 127);
	yuv[2] = 64 + (int)((mixed >> 8) & 127);
}

/* The value of pixel `index`, different for each: an odd factor permutes 2^24 and 2^32. */
static inline uint32_t pixel_value(uint32_t index)
{
	return index * 0x9e3779b1u + nonce * 0x85ebca6bu;
}

static void write_rgb(const struct cell *c, uint8_t *base, uint32_t stride)
{
	for (uint32_t y = 0, i = 0; y < c->height; y++, i += c->width) {
		uint8_t *line = base + (size_t)stride * y;

		switch (c->format->bytes[0]) {
		case 4:
			for (uint32_t x = 0; x < c->width; x++)
				((uint32_t *)line)[x] = pixel_value(i + x);
			break;
		case 2:
			for (uint32_t x = 0; x < c->width; x++)
				((uint16_t *)line)[x] = (uint16_t)(pixel_value(i + x) >> 11);
			break;
		default:
			for (uint32_t x = 0; x < c->width; x++)
				line[x] = (uint8_t)(pixel_value(i + x) >> 17);
		}
	}
}

static void write_yuv(const struct cell *c, const struct buffer *b, uint8_t *base)
{
	uint32_t across = (c->width + BLOCK - 1) / BLOCK;

	for (unsigned p = 0; p < c->format->planes; p++) {
		unsigned side = p ? BLOCK / c->format->sub : BLOCK, bytes = c->format->bytes[p];
		unsigned length = plane_bytes(c, p), rows = plane_rows(c, p);

		for (unsigned y = 0; y < rows; y++) {
			uint8_t *line = base + b->offset[p] + (size_t)b->stride[p] * y;

			if (y % side) {
				memcpy(line, line - b->stride[p], length);
				continue;
			}
			for (unsigned x = 0; x < length; x++) {
				int yuv[3];

				block_colour(y / side * across + x / bytes / side, yuv);
				line[x] = (uint8_t)yuv[bytes == 2 ? 1 + x % 2 : p];
			}
		}
	}
}

/* Content from ordinary memory: mappings may be uncached, where reading a line is slow. */
static const uint8_t *content(const struct cell *c, const struct buffer *b)
{
	static uint8_t *memory;
	static uint64_t room;

	if (room < b->used) {
		free(memory);
		memory = calloc(1, b->used);
		room = b->used;
	}
	if (c->format->model == YUV)
		write_yuv(c, b, memory);
	else
		write_rgb(c, memory, b->stride[0]);
	return memory;
}

static void put_content(const struct cell *c, struct buffer *b)
{
	const uint8_t *from = content(c, b);

	for (unsigned p = 0; p < c->format->planes; p++)
		for (unsigned y = 0; y < plane_rows(c, p); y++) {
			uint64_t at = b->offset[p] + (uint64_t)b->stride[p] * y;

			memcpy(b->map + at, from + at, plane_bytes(c, p));
		}
}

/* START, new content, END: after the import, which is when SYNC reaches a heap's importers. */
static bool fill(const struct cell *c, struct buffer *b)
{
	if (!b->map && !map(b))
		return false;
	if (!sync_cpu(b, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE))
		return false;
	put_content(c, b);
	return sync_cpu(b, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
}

static bool check_cpu(const struct cell *c, struct buffer *b)
{
	const uint8_t *want;
	uint8_t *second;
	bool same = true;

	if (!fill(c, b))
		return false;
	second = mmap(NULL, b->size, PROT_READ, MAP_SHARED, b->fd, 0);
	if (second == MAP_FAILED)
		return fail("map", errno);
	want = content(c, b);
	if (!sync_cpu(b, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ)) {
		munmap(second, b->size);
		return false;
	}
	for (unsigned p = 0; p < c->format->planes; p++)
		for (unsigned y = 0; y < plane_rows(c, p); y++) {
			uint64_t at = b->offset[p] + (uint64_t)b->stride[p] * y;

			same &= !memcmp(second + at, want + at, plane_bytes(c, p));
		}
	bool ended = sync_cpu(b, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	munmap(second, b->size);
	if (!same)
		say("corrupt", "verify", "-");
	return ended && same;
}
