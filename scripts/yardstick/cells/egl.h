// SPDX-License-Identifier: MIT
/* A part of cells.c: GBM as exporter, EGL as importer. */

#ifdef NO_EGL
static bool alloc_gbm(struct buffer *b, const struct cell *c, const char *driver)
{
	(void)b, (void)c, (void)driver;
	return unsupported("alloc");
}

static bool check_egl(const struct cell *c, struct buffer *b, const char *driver, bool render)
{
	(void)c, (void)b, (void)driver, (void)render;
	return unsupported("egl-image");
}
#else
/* A buffer of the first of the driver's nodes that makes one, or NULL and errno. */
static struct gbm_bo *gbm_buffer(const char *driver, const struct cell *c, uint32_t flags,
				 bool *listed)
{
	/* Mesa's kms_swrast allocates by CREATE_DUMB, which a render node refuses (EACCES). */
	static const char *const kinds[] = { "renderD", "card" };
	static struct {
		char name[56];
		struct gbm_device *gbm;
	} devices[16];
	int error = ENODEV;

	for (unsigned k = 0; k < COUNT(kinds); k++) {
		char name[56];
		unsigned i = 0;

		snprintf(name, sizeof(name), "%s:%s", kinds[k], driver);
		while (i < COUNT(devices) - 1 && devices[i].name[0] && strcmp(devices[i].name, name))
			i++;
		if (!devices[i].name[0]) {
			int fd = drm_open_kind(driver, kinds[k], false);

			if (fd < 0) {
				error = errno == ENODEV ? error : errno;
				continue;
			}
			devices[i].gbm = gbm_create_device(fd);
			snprintf(devices[i].name, sizeof(devices[i].name), "%s", name);
		}
		if (!devices[i].gbm)
			continue;
		*listed = gbm_device_is_format_supported(devices[i].gbm, c->format->code, flags);
		if (!*listed)
			return NULL;
		errno = 0;
		struct gbm_bo *bo = gbm_bo_create(devices[i].gbm, c->width, c->height,
						  c->format->code, flags);
		if (bo)
			return bo;
		error = errno ? errno : EINVAL;
	}
	errno = error;
	return NULL;
}

static bool alloc_gbm(struct buffer *b, const struct cell *c, const char *driver)
{
	bool linear = !strcmp(c->modifier, "0x0"), listed = true;
	uint32_t flags = GBM_BO_USE_RENDERING | (linear ? GBM_BO_USE_LINEAR : 0);

	b->bo = gbm_buffer(driver, c, flags, &listed);
	if (!listed)
		return unsupported("alloc");
	if (!b->bo)
		return fail(errno == ENODEV ? "open" : "alloc", errno);
	b->fd = gbm_bo_get_fd(b->bo);
	if (b->fd < 0)
		return fail("alloc", errno);
	b->modifier = gbm_bo_get_modifier(b->bo);
	b->has_modifier = b->modifier != DRM_FORMAT_MOD_INVALID;
	if (linear && !b->has_modifier) {
		b->modifier = DRM_FORMAT_MOD_LINEAR;
		b->has_modifier = true;
	}
	lay_out(b, c->format, gbm_bo_get_stride(b->bo), c->height);
	for (int p = 0; p < gbm_bo_get_plane_count(b->bo) && p < MAX_PLANES; p++) {
		b->stride[p] = gbm_bo_get_stride_for_plane(b->bo, p);
		b->offset[p] = gbm_bo_get_offset(b->bo, p);
	}
	return true;
}

enum program { SAMPLE_2D, SAMPLE_EXTERNAL, SAMPLE_WIDE, PATTERN, PROGRAMS };
/* One importer: a display with a current context, what it offers, and what is kept for it. */
struct egl {
	char driver[40];
	EGLDisplay display;
	EGLContext context;
	bool import, modifiers, external;
	GLuint program[PROGRAMS];
	GLuint target, frame; /* RGBA8 texture and its framebuffer */
	uint32_t width, height;
	uint8_t *pixels;
};

static PFNEGLGETPLATFORMDISPLAYEXTPROC get_platform_display;
static PFNEGLCREATEIMAGEKHRPROC create_image;
static PFNEGLDESTROYIMAGEKHRPROC destroy_image;
static PFNEGLQUERYDMABUFFORMATSEXTPROC query_formats;
static PFNEGLQUERYDMABUFMODIFIERSEXTPROC query_modifiers;
static PFNGLEGLIMAGETARGETTEXTURE2DOESPROC image_target;

static const char *egl_error(EGLint code)
{
	static const char *const names[] = {
		"EGL_SUCCESS",		 "EGL_NOT_INITIALIZED",	  "EGL_BAD_ACCESS",
		"EGL_BAD_ALLOC",	 "EGL_BAD_ATTRIBUTE",	  "EGL_BAD_CONFIG",
		"EGL_BAD_CONTEXT",	 "EGL_BAD_CURRENT_SURFACE", "EGL_BAD_DISPLAY",
		"EGL_BAD_MATCH",	 "EGL_BAD_NATIVE_PIXMAP", "EGL_BAD_NATIVE_WINDOW",
		"EGL_BAD_PARAMETER",	 "EGL_BAD_SURFACE",	  "EGL_CONTEXT_LOST",
	};
	unsigned index = (unsigned)code - EGL_SUCCESS;

	return index < COUNT(names) ? names[index] : "EGL_?";
}

static const char *gl_error(GLenum code)
{
	static const char *const names[] = { "GL_INVALID_ENUM", "GL_INVALID_VALUE",
					     "GL_INVALID_OPERATION", "GL_STACK_OVERFLOW",
					     "GL_STACK_UNDERFLOW", "GL_OUT_OF_MEMORY",
					     "GL_INVALID_FRAMEBUFFER_OPERATION" };

	if (code == GL_FRAMEBUFFER_UNSUPPORTED)
		return "GL_FRAMEBUFFER_UNSUPPORTED";
	if (code - GL_INVALID_ENUM < COUNT(names))
		return names[code - GL_INVALID_ENUM];
	return "GL_FRAMEBUFFER_INCOMPLETE";
}

static bool gl_ok(const char *stage)
{
	GLenum code = glGetError();

	return code == GL_NO_ERROR || refused(stage, gl_error(code));
}

static bool has(const char *extensions, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = extensions; at && (at = strstr(at, name)); at += length)
		if ((at == extensions || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static EGLDisplay software_display(void)
{
	PFNEGLQUERYDEVICESEXTPROC query = (void *)eglGetProcAddress("eglQueryDevicesEXT");
	PFNEGLQUERYDEVICESTRINGEXTPROC text = (void *)eglGetProcAddress("eglQueryDeviceStringEXT");
	EGLDeviceEXT devices[16];
	EGLint count = 0;

	if (query && text && query(16, devices, &count))
		for (EGLint i = 0; i < count; i++)
			if (has(text(devices[i], EGL_EXTENSIONS), "EGL_MESA_device_software"))
				return get_platform_display(EGL_PLATFORM_DEVICE_EXT, devices[i], NULL);
	return EGL_NO_DISPLAY;
}

static GLuint shader(GLenum kind, const char *source)
{
	GLuint made = glCreateShader(kind);
	GLint ok = 0;

	glShaderSource(made, 1, &source, NULL);
	glCompileShader(made);
	glGetShaderiv(made, GL_COMPILE_STATUS, &ok);
	if (!ok) {
		char log[512] = "";
		glGetShaderInfoLog(made, sizeof(log), NULL, log);
		fprintf(stderr, "cells: shader: %s\n", log);
	}
	return made;
}

static GLuint program(enum program which)
{
	static const char *const fragments[PROGRAMS] = {
		"precision highp float; uniform sampler2D s; uniform vec2 size;"
		"void main() { gl_FragColor = texture2D(s, gl_FragCoord.xy / size); }",
		"#extension GL_OES_EGL_image_external : require\n"
		"precision highp float; uniform samplerExternalOES s; uniform vec2 size;"
		"void main() { gl_FragColor = texture2D(s, gl_FragCoord.xy / size); }",
		/* 16 bits a channel: the high and the low byte in a channel each. */
		"precision highp float; uniform sampler2D s; uniform vec2 size;"
		"void main() {"
		" vec2 v = floor(texture2D(s, gl_FragCoord.xy / size).rg * 65535.0 + 0.5);"
		" vec2 hi = floor(v / 256.0); vec2 lo = v - hi * 256.0;"
		" gl_FragColor = vec4(hi.x, lo.x, hi.y, lo.y) / 255.0; }",
		/* See pattern_value() for the same in C. */
		"precision highp float; uniform vec3 nonce;"
		"void main() {"
		" vec2 p = floor(gl_FragCoord.xy); vec2 hi = floor(p / 256.0);"
		" gl_FragColor = mod(vec4(p + nonce.xy, hi.x + hi.y * 8.0 + nonce.z * 64.0,"
		"  p.x + p.y), 256.0) / 255.0; }",
	};
	GLuint made = glCreateProgram();

	glAttachShader(made, shader(GL_VERTEX_SHADER, "attribute vec2 p;"
						      "void main() { gl_Position = vec4(p, 0, 1); }"));
	glAttachShader(made, shader(GL_FRAGMENT_SHADER, fragments[which]));
	glBindAttribLocation(made, 0, "p");
	glLinkProgram(made);
	return made;
}

static bool start_display(struct egl *e, EGLDisplay display)
{
	static const EGLint attributes[] = { EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE };
	EGLint major, minor;

	if (display == EGL_NO_DISPLAY)
		return unsupported("open");
	if (!eglInitialize(display, &major, &minor))
		return refused("open", egl_error(eglGetError()));
	eglBindAPI(EGL_OPENGL_ES_API);
	e->display = display;
	e->context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
	return (e->context != EGL_NO_CONTEXT &&
		eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, e->context)) ||
	       refused("open", egl_error(eglGetError()));
}

/*
 * GBM on the driver's render node, or its card where there is none. Also where
 * Mesa draws in software (kms_swrast): it frees imports by DESTROY_DUMB, which a
 * render node refuses, so that every import would be held as long as the display.
 */
static bool start_gbm_display(struct egl *e, const char *driver)
{
	int render = drm_open_kind(driver, "renderD", false);
	int card = drm_open_kind(driver, "card", false);
	int error = errno, fd = render >= 0 ? render : card;

	for (;;) {
		struct gbm_device *gbm = fd < 0 ? NULL : gbm_create_device(fd);

		if (!gbm)
			return fail("open", fd < 0 ? error : errno);
		if (!start_display(e, get_platform_display(EGL_PLATFORM_GBM_KHR, gbm, NULL)))
			return false;
		const char *renderer = (const char *)glGetString(GL_RENDERER);
		if (fd == card || card < 0 || !renderer || strncmp(renderer, "llvmpipe", 8))
			break;
		eglMakeCurrent(e->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
		eglTerminate(e->display);
		gbm_device_destroy(gbm);
		close(fd);
		fd = card;
	}
	if (fd != card && card >= 0)
		close(card);
	return true;
}

static bool start_egl(struct egl *e, const char *driver)
{
	get_platform_display = (void *)eglGetProcAddress("eglGetPlatformDisplayEXT");
	create_image = (void *)eglGetProcAddress("eglCreateImageKHR");
	destroy_image = (void *)eglGetProcAddress("eglDestroyImageKHR");
	query_formats = (void *)eglGetProcAddress("eglQueryDmaBufFormatsEXT");
	query_modifiers = (void *)eglGetProcAddress("eglQueryDmaBufModifiersEXT");
	image_target = (void *)eglGetProcAddress("glEGLImageTargetTexture2DOES");
	if (!get_platform_display || !create_image || !image_target)
		return unsupported("open");
	if (!strcmp(driver, "swrast") ? !start_display(e, software_display()) :
				    !start_gbm_display(e, driver))
		return false;
	const char *offered = eglQueryString(e->display, EGL_EXTENSIONS);
	const char *gl = (const char *)glGetString(GL_EXTENSIONS);
	e->import = has(offered, "EGL_EXT_image_dma_buf_import");
	e->modifiers = has(offered, "EGL_EXT_image_dma_buf_import_modifiers") && query_formats &&
		       query_modifiers;
	e->external = has(gl, "GL_OES_EGL_image_external");
	glDisable(GL_DITHER);
	snprintf(e->driver, sizeof(e->driver), "%s", driver);
	return true;
}

/* The importer of that name with its context current; NULL after the verdict was said. */
static struct egl *open_egl(const char *driver)
{
	static struct egl known[8];
	static struct egl *current;
	unsigned i = 0;

	while (i < COUNT(known) - 1 && known[i].driver[0] && strcmp(known[i].driver, driver))
		i++;
	if (!known[i].driver[0]) {
		current = NULL;
		if (!start_egl(&known[i], driver))
			return NULL;
	} else if (current != &known[i] &&
		   !eglMakeCurrent(known[i].display, EGL_NO_SURFACE, EGL_NO_SURFACE,
				   known[i].context)) {
		refused("open", egl_error(eglGetError()));
		return NULL;
	}
	current = &known[i];
	return current;
}

/* Pixels of a length that are drawn: all, or in YUV, which has flat blocks, the middle of each. */
static uint32_t drawn(const struct cell *c, uint32_t length)
{
	return c->format->model == YUV ? (length + BLOCK - 1) / BLOCK : length;
}

static bool use_target(struct egl *e, const struct cell *c)
{
	uint32_t width = drawn(c, c->width), height = drawn(c, c->height);

	if (!e->target) {
		glGenTextures(1, &e->target);
		glGenFramebuffers(1, &e->frame);
	}
	if (e->width != width || e->height != height) {
		glBindTexture(GL_TEXTURE_2D, e->target);
		glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, (GLsizei)width, (GLsizei)height, 0, GL_RGBA,
			     GL_UNSIGNED_BYTE, NULL);
		glBindFramebuffer(GL_FRAMEBUFFER, e->frame);
		glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, e->target,
				       0);
		free(e->pixels);
		e->pixels = malloc((size_t)width * height * 4);
		e->width = width;
		e->height = height;
	}
	glBindFramebuffer(GL_FRAMEBUFFER, e->frame);
	GLenum status = glCheckFramebufferStatus(GL_FRAMEBUFFER);
	return status == GL_FRAMEBUFFER_COMPLETE || refused("framebuffer", gl_error(status));
}

static bool draw(struct egl *e, const struct cell *c, enum program which)
{
	static const GLfloat strip[] = { -1, -1, 1, -1, -1, 1, 1, 1 };
	GLfloat step = c->format->model == YUV ? BLOCK : 1;

	if (!e->program[which])
		e->program[which] = program(which);
	GLuint p = e->program[which];
	glUseProgram(p);
	if (which == PATTERN)
		glUniform3f(glGetUniformLocation(p, "nonce"), (GLfloat)(nonce & 255),
			    (GLfloat)(nonce >> 8 & 255), (GLfloat)(nonce & 3));
	else
		glUniform2f(glGetUniformLocation(p, "size"), (GLfloat)c->width / step,
			    (GLfloat)c->height / step);
	glViewport(0, 0, (GLsizei)drawn(c, c->width), (GLsizei)drawn(c, c->height));
	glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, strip);
	glEnableVertexAttribArray(0);
	glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	return gl_ok("draw");
}

static bool read_pixels(struct egl *e, const struct cell *c)
{
	glReadPixels(0, 0, (GLsizei)drawn(c, c->width), (GLsizei)drawn(c, c->height), GL_RGBA,
		     GL_UNSIGNED_BYTE, e->pixels);
	return gl_ok("readback");
}

/* What a sampler makes of pixel `index`, as RGBA bytes in one little-endian word. */
static uint32_t sampled(const struct format *f, uint32_t index)
{
	uint32_t v = pixel_value(index);

	switch (f->code) {
	case DRM_FORMAT_XRGB8888:
	case DRM_FORMAT_ARGB8888:
		v = (v & 0xff00ff00) | (v >> 16 & 0xff) | (v & 0xff) << 16;
		return f->code == DRM_FORMAT_XRGB8888 ? v | 0xff000000 : v;
	case DRM_FORMAT_R8:
		return (v >> 17 & 0xff) | 0xff000000;
	case DRM_FORMAT_GR88:
		return (v >> 11 & 0xffff) | 0xff000000;
	case DRM_FORMAT_R16: /* high byte, low byte, and nothing in the second channel */
		v = v >> 11 & 0xffff;
		return v >> 8 | (v & 0xff) << 8;
	default:
		return (v >> 8 & 0x00ff00ff) | (v & 0x00ff00ff) << 8;
	}
}

static bool right_rgb(const struct egl *e, const struct cell *c)
{
	const uint32_t *got = (const uint32_t *)e->pixels;
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < c->width * c->height; i++)
		wrong |= got[i] ^ sampled(c->format, i);
	return !wrong;
}

static int clamp_byte(double value)
{
	return value < 0 ? 0 : value > 1 ? 255 : (int)(value * 255 + 0.5);
}

/* BT.601, narrow range, at the centre of each block. */
static bool right_yuv(const struct egl *e, const struct cell *c)
{
	uint32_t blocks = drawn(c, c->width) * drawn(c, c->height);

	for (uint32_t block = 0; block < blocks; block++) {
		const uint8_t *got = e->pixels + (size_t)block * 4;
		int yuv[3];

		block_colour(block, yuv);
		double luma = (yuv[0] - 16) / 219.0, u = (yuv[1] - 128) / 224.0,
		       v = (yuv[2] - 128) / 224.0;
		double r = luma + 2 * (1 - 0.299) * v, b = luma + 2 * (1 - 0.114) * u;
		double g = (luma - 0.299 * r - 0.114 * b) / (1 - 0.299 - 0.114);
		int want[3] = { clamp_byte(r), clamp_byte(g), clamp_byte(b) };

		for (int i = 0; i < 3; i++)
			if (abs(want[i] - got[i]) > YUV_TOLERANCE)
				return false;
	}
	return true;
}

/* Whether the renderer draws an ordinary texture well: if not, wrong pixels are not the import's. */
static bool control(struct egl *e, const struct cell *c)
{
	GLuint texture;
	struct cell plain = *c;
	bool right;

	plain.format = &formats[1];
	uint8_t *memory = malloc((size_t)c->width * c->height * 4);
	for (uint32_t i = 0; i < c->width * c->height; i++)
		((uint32_t *)memory)[i] = sampled(plain.format, i);
	right = use_target(e, &plain);
	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, (GLsizei)c->width, (GLsizei)c->height, 0, GL_RGBA,
		     GL_UNSIGNED_BYTE, memory);
	right = right && draw(e, &plain, SAMPLE_2D) && read_pixels(e, &plain) && right_rgb(e, &plain);
	glDeleteTextures(1, &texture);
	free(memory);
	return right;
}

/* Whether the display lists format and modifier; which sampler it wants for them. */
static bool offers(const struct egl *e, const struct cell *c, const struct buffer *b,
		   bool *external, bool *modifier)
{
	EGLint codes[512], count = 0;
	EGLuint64KHR modifiers[128];
	EGLBoolean only[128];
	bool listed = false;

	*external = c->format->model == YUV;
	*modifier = false;
	if (!e->import)
		return false;
	if (!e->modifiers)
		return true;
	if (!query_formats(e->display, COUNT(codes), codes, &count))
		return false;
	for (EGLint i = 0; i < count; i++)
		listed |= (uint32_t)codes[i] == c->format->code;
	if (!listed)
		return false;
	count = 0;
	if (!query_modifiers(e->display, (EGLint)c->format->code, COUNT(modifiers), modifiers, only,
			     &count) ||
	    !count || !b->has_modifier)
		return true;
	for (EGLint i = 0; i < count; i++)
		if (modifiers[i] == b->modifier) {
			*modifier = true;
			*external |= only[i];
		}
	return *modifier;
}

static EGLImageKHR import_image(const struct egl *e, const struct cell *c, const struct buffer *b,
				bool modifier)
{
	static const EGLint planes[MAX_PLANES][5] = {
		{ EGL_DMA_BUF_PLANE0_FD_EXT, EGL_DMA_BUF_PLANE0_OFFSET_EXT,
		  EGL_DMA_BUF_PLANE0_PITCH_EXT, EGL_DMA_BUF_PLANE0_MODIFIER_LO_EXT,
		  EGL_DMA_BUF_PLANE0_MODIFIER_HI_EXT },
		{ EGL_DMA_BUF_PLANE1_FD_EXT, EGL_DMA_BUF_PLANE1_OFFSET_EXT,
		  EGL_DMA_BUF_PLANE1_PITCH_EXT, EGL_DMA_BUF_PLANE1_MODIFIER_LO_EXT,
		  EGL_DMA_BUF_PLANE1_MODIFIER_HI_EXT },
		{ EGL_DMA_BUF_PLANE2_FD_EXT, EGL_DMA_BUF_PLANE2_OFFSET_EXT,
		  EGL_DMA_BUF_PLANE2_PITCH_EXT, EGL_DMA_BUF_PLANE2_MODIFIER_LO_EXT,
		  EGL_DMA_BUF_PLANE2_MODIFIER_HI_EXT },
	};
	EGLint a[64];
	unsigned n = 0;

#define PAIR(key, value) (a[n++] = (key), a[n++] = (EGLint)(value))
	PAIR(EGL_WIDTH, c->width);
	PAIR(EGL_HEIGHT, c->height);
	PAIR(EGL_LINUX_DRM_FOURCC_EXT, c->format->code);
	for (unsigned p = 0; p < c->format->planes; p++) {
		PAIR(planes[p][0], b->fd);
		PAIR(planes[p][1], b->offset[p]);
		PAIR(planes[p][2], b->stride[p]);
		if (modifier) {
			PAIR(planes[p][3], b->modifier & 0xffffffff);
			PAIR(planes[p][4], b->modifier >> 32);
		}
	}
	if (c->format->model == YUV) {
		PAIR(EGL_YUV_COLOR_SPACE_HINT_EXT, EGL_ITU_REC601_EXT);
		PAIR(EGL_SAMPLE_RANGE_HINT_EXT, EGL_YUV_NARROW_RANGE_EXT);
	}
#undef PAIR
	a[n] = EGL_NONE;
	return create_image(e->display, EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL, a);
}

static bool sample_image(struct egl *e, const struct cell *c, struct buffer *b, GLenum kind)
{
	enum program which = SAMPLE_2D;
	bool right;

	if (kind == GL_TEXTURE_EXTERNAL_OES)
		which = SAMPLE_EXTERNAL;
	else if (c->format->code == DRM_FORMAT_R16 || c->format->code == DRM_FORMAT_GR1616)
		which = SAMPLE_WIDE;
	glTexParameteri(kind, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexParameteri(kind, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	glTexParameteri(kind, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(kind, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	GLint name;
	glGetIntegerv(kind == GL_TEXTURE_2D ? GL_TEXTURE_BINDING_2D :
					      GL_TEXTURE_BINDING_EXTERNAL_OES,
		      &name);
	if (!fill(c, b) || !use_target(e, c))
		return false;
	glBindTexture(kind, (GLuint)name);
	if (!draw(e, c, which) || !read_pixels(e, c))
		return false;
	right = c->format->model == YUV ? right_yuv(e, c) : right_rgb(e, c);
	if (!right && !control(e, c))
		return unsupported("draw");
	if (!right)
		say("corrupt", "verify", "-");
	return right;
}

/* The pixel that PATTERN draws, as RGBA bytes in one little-endian word. */
static uint32_t pattern_value(uint32_t x, uint32_t y)
{
	uint32_t r = x + (nonce & 255), g = y + (nonce >> 8 & 255);
	uint32_t b = (x >> 8) + (y >> 8) * 8 + (nonce & 3) * 64, a = x + y;

	return (r & 255) | (g & 255) << 8 | (b & 255) << 16 | (a & 255) << 24;
}

static bool right_memory(const struct cell *c, const struct buffer *b)
{
	uint32_t wrong = 0;

	for (uint32_t y = 0; y < c->height; y++) {
		const uint8_t *line = b->map + b->offset[0] + (size_t)b->stride[0] * y;

		for (uint32_t x = 0; x < c->width; x++) {
			uint32_t v = pattern_value(x, y);

			switch (c->format->code) {
			case DRM_FORMAT_XRGB8888:
			case DRM_FORMAT_ARGB8888:
				v = (v & 0xff00ff00) | (v >> 16 & 0xff) | (v & 0xff) << 16;
				v ^= ((const uint32_t *)line)[x];
				wrong |= c->format->code == DRM_FORMAT_ARGB8888 ? v : v & 0xffffff;
				break;
			case DRM_FORMAT_R8:
				wrong |= line[x] ^ (v & 0xff);
				break;
			case DRM_FORMAT_GR88:
				wrong |= ((const uint16_t *)line)[x] ^ (v & 0xffff);
				break;
			case DRM_FORMAT_R16:
				wrong |= ((const uint16_t *)line)[x] ^ (v & 0xff) * 257;
				break;
			default:
				wrong |= ((const uint32_t *)line)[x] ^
					 ((v & 0xff) * 257 | (v >> 8 & 0xff) * 257 << 16);
			}
		}
	}
	return !wrong;
}

static bool render_image(struct egl *e, const struct cell *c, struct buffer *b, GLuint texture)
{
	GLuint frame;
	bool ok;

	glGenFramebuffers(1, &frame);
	glBindFramebuffer(GL_FRAMEBUFFER, frame);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
	GLenum status = glCheckFramebufferStatus(GL_FRAMEBUFFER);
	ok = status == GL_FRAMEBUFFER_COMPLETE || refused("framebuffer", gl_error(status));
	ok = ok && draw(e, c, PATTERN);
	glFinish();
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glDeleteFramebuffers(1, &frame);
	if (!ok || !map(b) || !sync_cpu(b, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ))
		return false;
	ok = right_memory(c, b);
	if (!sync_cpu(b, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ))
		return false;
	if (!ok)
		say("corrupt", "verify", "-");
	return ok;
}

static bool check_egl(const struct cell *c, struct buffer *b, const char *driver, bool render)
{
	struct egl *e = open_egl(driver);
	bool external, modifier, ok;
	GLenum kind;
	GLuint texture;

	if (!e)
		return false;
	if (!offers(e, c, b, &external, &modifier) || (render && external))
		return unsupported("egl-image");
	/* Memory in a tiling of the driver's cannot be written or read by the CPU. */
	if (b->has_modifier && b->modifier != DRM_FORMAT_MOD_LINEAR)
		return unsupported("map");
	if (external && !e->external)
		return unsupported("texture");
	EGLImageKHR image = import_image(e, c, b, modifier);
	if (image == EGL_NO_IMAGE_KHR)
		return refused("egl-image", egl_error(eglGetError()));
	kind = external ? GL_TEXTURE_EXTERNAL_OES : GL_TEXTURE_2D;
	while (glGetError() != GL_NO_ERROR)
		;
	glGenTextures(1, &texture);
	glBindTexture(kind, texture);
	image_target(kind, image);
	ok = gl_ok("texture") &&
	     (render ? render_image(e, c, b, texture) : sample_image(e, c, b, kind));
	glDeleteTextures(1, &texture);
	destroy_image(e->display, image);
	return ok;
}
#endif
