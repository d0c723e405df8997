// SPDX-License-Identifier: MIT
/* A part of cells.c: V4L2 devices as exporters and importers. */

enum role { ENCODER, OUTPUT, EXPORTER };
/* One end of a V4L2 device: `raw` takes or gives pictures, `coded` (or 0) the bitstream. */
struct video {
	char driver[16];
	enum role role;
	uint32_t format; /* asked for */
	int fd;
	uint32_t raw, coded, coded_format;
};

static bool is_mplane(uint32_t type)
{
	return type == V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE ||
	       type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
}

/* V4L2's name of the same bytes in memory. */
static uint32_t v4l2_code(const struct format *f)
{
	switch (f->code) {
	case DRM_FORMAT_R8:
		return V4L2_PIX_FMT_GREY;
	case DRM_FORMAT_R16:
		return V4L2_PIX_FMT_Y16;
	default:
		return f->code;
	}
}

/* The first format of that queue that is `code`, or any compressed one where code is 0. */
static uint32_t find_format(int fd, uint32_t type, uint32_t code)
{
	struct v4l2_fmtdesc desc = { .type = type };

	for (; !xioctl(fd, VIDIOC_ENUM_FMT, &desc); desc.index++) {
		bool compressed = desc.flags & V4L2_FMT_FLAG_COMPRESSED;

		if (code ? desc.pixelformat == code : compressed)
			return desc.pixelformat;
	}
	return 0;
}

/* How well the node at v->fd fits its role and format: 0 not at all; fills in the queues. */
static int fit(struct video *v, uint32_t caps)
{
	uint32_t out = 0, in = 0;
	bool m2m = caps & (V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE);

	if (caps & (V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_OUTPUT))
		out = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	else if (caps & (V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_VIDEO_OUTPUT_MPLANE))
		out = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
	if (caps & (V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_CAPTURE))
		in = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	else if (caps & (V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_VIDEO_CAPTURE_MPLANE))
		in = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	if (!(caps & V4L2_CAP_STREAMING))
		return 0;
	switch (v->role) {
	case ENCODER:
		if (!m2m || !find_format(v->fd, out, v->format))
			return 0;
		v->raw = out;
		v->coded = in;
		v->coded_format = find_format(v->fd, in, 0);
		return v->coded_format ? 1 : 0;
	case OUTPUT:
		v->raw = out;
		return !m2m && out && find_format(v->fd, out, v->format);
	case EXPORTER:
		/* A camera is the natural exporter, and does not take the queue of an importer. */
		if (in && !m2m && find_format(v->fd, in, v->format)) {
			v->raw = in;
			return 3;
		}
		if (out && find_format(v->fd, out, v->format)) {
			v->raw = out;
			return m2m ? 1 : 2;
		}
	}
	return 0;
}

/* The driver's node for that role and format, kept open; NULL after the verdict was said. */
static struct video *open_video(const char *driver, enum role role, uint32_t format)
{
	static struct video known[24];
	struct video best = { .fd = -1 };
	int best_fit = 0, error = ENODEV;
	bool found = false;
	unsigned slot = 0;

	for (; slot < COUNT(known) && known[slot].driver[0]; slot++)
		if (!strcmp(known[slot].driver, driver) && known[slot].role == role &&
		    known[slot].format == format)
			return &known[slot];
	for (int minor = 0; minor < 64; minor++) {
		char path[32];
		struct v4l2_capability cap = { 0 };
		struct video v = { .role = role, .format = format };

		snprintf(path, sizeof(path), "/dev/video%d", minor);
		v.fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (v.fd < 0) {
			if (errno != ENOENT && errno != ENODEV)
				error = errno;
			continue;
		}
		if (!xioctl(v.fd, VIDIOC_QUERYCAP, &cap) && !strcmp((char *)cap.driver, driver)) {
			int how = fit(&v, cap.device_caps);

			found = true;
			if (how > best_fit) {
				if (best.fd >= 0)
					close(best.fd);
				best = v;
				best_fit = how;
				continue;
			}
		}
		close(v.fd);
	}
	if (!best_fit) {
		if (found)
			unsupported(role == EXPORTER ? "alloc" : "s-fmt");
		else
			fail("open", error);
		return NULL;
	}
	if (slot == COUNT(known)) {
		fail("open", EMFILE);
		return NULL;
	}
	snprintf(best.driver, sizeof(best.driver), "%s", driver);
	known[slot] = best;
	return &known[slot];
}

struct picture {
	uint32_t width, height, stride, size, planes;
};

/* S_FMT; `got` is what the driver made of it. */
static int set_format(int fd, uint32_t type, uint32_t code, const struct cell *c, uint32_t stride,
		      struct picture *got)
{
	struct v4l2_format f = { .type = type };
	struct v4l2_pix_format *sp = &f.fmt.pix;
	struct v4l2_pix_format_mplane *mp = &f.fmt.pix_mp;

	if (is_mplane(type)) {
		mp->width = c->width;
		mp->height = c->height;
		mp->pixelformat = code;
		mp->field = V4L2_FIELD_NONE;
		mp->num_planes = 1;
		mp->plane_fmt[0].bytesperline = stride;
	} else {
		sp->width = c->width;
		sp->height = c->height;
		sp->pixelformat = code;
		sp->field = V4L2_FIELD_NONE;
		sp->bytesperline = stride;
	}
	if (xioctl(fd, VIDIOC_S_FMT, &f))
		return -1;
	if (is_mplane(type))
		*got = (struct picture){ mp->width, mp->height, mp->plane_fmt[0].bytesperline,
					 mp->plane_fmt[0].sizeimage, mp->num_planes };
	else
		*got = (struct picture){ sp->width, sp->height, sp->bytesperline, sp->sizeimage, 1 };
	if ((is_mplane(type) ? mp->pixelformat : sp->pixelformat) != code) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

static int request(int fd, uint32_t type, uint32_t memory, uint32_t count)
{
	struct v4l2_requestbuffers req = { .count = count, .type = type, .memory = memory };

	return xioctl(fd, VIDIOC_REQBUFS, &req) ? -1 : (int)req.count;
}

/* QBUF (or DQBUF) of one buffer; returns bytesused, or -1. */
static int queue(int fd, unsigned long what, uint32_t type, uint32_t memory, uint32_t index,
		 const struct buffer *b, uint32_t bytesused, uint32_t *flags)
{
	struct v4l2_plane plane = { 0 };
	struct v4l2_buffer v = { .type = type, .memory = memory, .index = index };
	bool out = type == V4L2_BUF_TYPE_VIDEO_OUTPUT || type == V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;

	if (out)
		v.field = V4L2_FIELD_NONE;
	if (is_mplane(type)) {
		v.m.planes = &plane;
		v.length = 1;
	}
	if (b && is_mplane(type)) {
		plane.m.fd = b->fd;
		plane.length = (uint32_t)b->size;
		plane.bytesused = bytesused;
	} else if (b) {
		v.m.fd = b->fd;
		v.length = (uint32_t)b->size;
		v.bytesused = bytesused;
	}
	if (ioctl(fd, what, &v))
		return -1;
	if (flags)
		*flags = v.flags;
	return (int)(is_mplane(type) ? plane.bytesused : v.bytesused);
}

static bool alloc_v4l2(struct buffer *b, const struct cell *c, const char *driver)
{
	struct video *v = open_video(driver, EXPORTER, v4l2_code(c->format));
	struct picture got;

	if (!v)
		return false;
	if (set_format(v->fd, v->raw, v4l2_code(c->format), c, 0, &got))
		return fail("alloc", errno);
	if (got.width < c->width || got.height < c->height || got.planes != 1)
		return unsupported("alloc");
	if (request(v->fd, v->raw, V4L2_MEMORY_MMAP, 1) < 0)
		return fail("alloc", errno);
	b->queue_fd = v->fd;
	b->queue_type = v->raw;
	struct v4l2_exportbuffer expbuf = { .type = v->raw, .flags = O_RDWR | O_CLOEXEC };
	if (xioctl(v->fd, VIDIOC_EXPBUF, &expbuf))
		return fail("alloc", errno);
	b->fd = expbuf.fd;
	lay_out(b, c->format, got.stride, got.height);
	return true;
}

static bool alloc(struct buffer *b, const struct cell *c, const struct wish *w);

static bool await(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int ready = poll(&p, 1, 5000);

	if (ready > 0 && !(p.revents & POLLERR))
		return true;
	return fail("dequeue", ready ? EIO : ETIMEDOUT);
}

static bool stream(struct video *v, const struct buffer *b, uint32_t bytes)
{
	bool encoder = v->role == ENCODER;
	int buffers = encoder ? 1 : 2; /* vivid's output starts with two */
	uint32_t flags = 0;
	int got = request(v->fd, v->raw, V4L2_MEMORY_DMABUF, (uint32_t)buffers);

	if (got < 0 || (encoder && request(v->fd, v->coded, V4L2_MEMORY_MMAP, 1) < 0))
		return fail("reqbufs", errno);
	if (encoder && queue(v->fd, VIDIOC_QBUF, v->coded, V4L2_MEMORY_MMAP, 0, NULL, 0, NULL) < 0)
		return fail("qbuf", errno);
	for (int i = 0; i < (got > buffers ? got : buffers); i++)
		if (queue(v->fd, VIDIOC_QBUF, v->raw, V4L2_MEMORY_DMABUF, (uint32_t)i, b, bytes, NULL) < 0)
			return fail("qbuf", errno);
	if (xioctl(v->fd, VIDIOC_STREAMON, &v->raw) ||
	    (encoder && xioctl(v->fd, VIDIOC_STREAMON, &v->coded)))
		return fail("streamon", errno);
	if (!await(v->fd, encoder ? POLLIN : POLLOUT))
		return false;
	int used = encoder ?
			   queue(v->fd, VIDIOC_DQBUF, v->coded, V4L2_MEMORY_MMAP, 0, NULL, 0, &flags) :
			   queue(v->fd, VIDIOC_DQBUF, v->raw, V4L2_MEMORY_DMABUF, 0, NULL, 0, &flags);
	if (used < 0)
		return fail("dequeue", errno);
	if ((flags & V4L2_BUF_FLAG_ERROR) || (encoder && !used)) {
		say("corrupt", "verify", "-");
		return false;
	}
	return true;
}

static void stop(struct video *v)
{
	xioctl(v->fd, VIDIOC_STREAMOFF, &v->raw);
	if (v->coded)
		xioctl(v->fd, VIDIOC_STREAMOFF, &v->coded);
	request(v->fd, v->raw, V4L2_MEMORY_DMABUF, 0);
	if (v->coded)
		request(v->fd, v->coded, V4L2_MEMORY_MMAP, 0);
}

/* The device says how the picture must lie in memory, so the buffer is made after S_FMT. */
static bool check_v4l2(const struct cell *c, struct buffer *b, const char *driver, enum role role)
{
	struct video *v = open_video(driver, role, v4l2_code(c->format));
	struct picture coded, raw;

	if (!v)
		return false;
	if (v->coded && set_format(v->fd, v->coded, v->coded_format, c, 0, &coded))
		return fail("s-fmt", errno);
	if (set_format(v->fd, v->raw, v4l2_code(c->format), c, 0, &raw))
		return fail("s-fmt", errno);
	if (raw.width < c->width || raw.height < c->height || raw.planes != 1)
		return unsupported("s-fmt");
	struct wish w = { .stride = raw.stride, .rows = raw.height, .size = raw.size };
	if (!alloc(b, c, &w))
		return false;
	if (b->stride[0] != raw.stride) {
		if (set_format(v->fd, v->raw, v4l2_code(c->format), c, b->stride[0], &raw))
			return fail("s-fmt", errno);
		if (raw.stride != b->stride[0])
			return refused("s-fmt", "EINVAL");
	}
	if (!fill(c, b))
		return false;
	bool ok = stream(v, b, raw.size);
	stop(v);
	return ok;
}
