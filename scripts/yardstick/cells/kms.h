// SPDX-License-Identifier: MIT
/* A part of cells.c: display devices as importers. */

enum { MAX_KMS_PLANES = 64, MAX_MODES = 128 };
/* Values of a plane's property `type`. */
enum { PLANE_OVERLAY = 0, PLANE_PRIMARY = 1 };
struct kms_plane {
	uint32_t id, formats[128], format_count;
	uint64_t type;
	uint32_t fb_id, crtc_id, src_x, src_y, src_w, src_h, crtc_x, crtc_y, crtc_w, crtc_h;
};
/* One display device with the connected output on which planes are tried. */
struct kms {
	char driver[40];
	int fd;
	bool modifiers, atomic;
	uint32_t connector, connector_crtc_prop, crtc, active_prop, mode_prop;
	struct drm_mode_modeinfo modes[MAX_MODES];
	uint32_t blobs[MAX_MODES];
	uint32_t mode_count;
	struct kms_plane planes[MAX_KMS_PLANES];
	unsigned plane_count;
	struct {
		uint32_t fb, width, height;
	} backdrops[8]; /* what the primary shows while an overlay is tried */
};

/* Property id (and value) of that name, 0 where the object has none. */
static uint32_t property(int fd, uint32_t object, uint32_t type, const char *name, uint64_t *value)
{
	uint32_t ids[64];
	uint64_t values[64];
	struct drm_mode_obj_get_properties get = { .props_ptr = (uintptr_t)ids,
						   .prop_values_ptr = (uintptr_t)values,
						   .count_props = COUNT(ids),
						   .obj_id = object,
						   .obj_type = type };

	if (xioctl(fd, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &get))
		return 0;
	for (uint32_t i = 0; i < get.count_props && i < COUNT(ids); i++) {
		struct drm_mode_get_property p = { .prop_id = ids[i] };

		if (!xioctl(fd, DRM_IOCTL_MODE_GETPROPERTY, &p) && !strcmp(p.name, name)) {
			if (value)
				*value = values[i];
			return ids[i];
		}
	}
	return 0;
}

/* The first connected connector that is not a writeback one, its modes, and a CRTC for it. */
static void find_output(struct kms *k)
{
	uint32_t connectors[32], crtcs[32];
	struct drm_mode_card_res res = { .connector_id_ptr = (uintptr_t)connectors,
					 .crtc_id_ptr = (uintptr_t)crtcs,
					 .count_connectors = COUNT(connectors),
					 .count_crtcs = COUNT(crtcs) };

	if (xioctl(k->fd, DRM_IOCTL_MODE_GETRESOURCES, &res))
		return;
	for (uint32_t i = 0; i < res.count_connectors && i < COUNT(connectors); i++) {
		uint32_t encoders[16];
		struct drm_mode_get_connector get = { .connector_id = connectors[i] };

		/* With no room for modes the kernel probes the connector. */
		if (xioctl(k->fd, DRM_IOCTL_MODE_GETCONNECTOR, &get) ||
		    get.connection != 1 /* connected */ ||
		    get.connector_type == DRM_MODE_CONNECTOR_WRITEBACK || !get.count_modes)
			continue;
		memset(&get, 0, sizeof(get));
		get.connector_id = connectors[i];
		get.modes_ptr = (uintptr_t)k->modes;
		get.count_modes = MAX_MODES;
		get.encoders_ptr = (uintptr_t)encoders;
		get.count_encoders = COUNT(encoders);
		if (xioctl(k->fd, DRM_IOCTL_MODE_GETCONNECTOR, &get) || get.count_modes > MAX_MODES)
			continue;
		for (uint32_t e = 0; e < get.count_encoders && e < COUNT(encoders); e++) {
			struct drm_mode_get_encoder encoder = { .encoder_id = encoders[e] };

			if (xioctl(k->fd, DRM_IOCTL_MODE_GETENCODER, &encoder))
				continue;
			for (uint32_t n = 0; n < res.count_crtcs && !k->crtc; n++)
				if (encoder.possible_crtcs & 1u << n) {
					k->crtc = crtcs[n];
					k->connector = connectors[i];
					k->mode_count = get.count_modes;
				}
		}
		if (k->crtc)
			break;
	}
	k->connector_crtc_prop = property(k->fd, k->connector, DRM_MODE_OBJECT_CONNECTOR, "CRTC_ID", NULL);
	k->active_prop = property(k->fd, k->crtc, DRM_MODE_OBJECT_CRTC, "ACTIVE", NULL);
	k->mode_prop = property(k->fd, k->crtc, DRM_MODE_OBJECT_CRTC, "MODE_ID", NULL);
}

static uint32_t crtc_bit(const struct kms *k)
{
	uint32_t crtcs[32];
	struct drm_mode_card_res res = { .crtc_id_ptr = (uintptr_t)crtcs,
					 .count_crtcs = COUNT(crtcs) };

	if (!xioctl(k->fd, DRM_IOCTL_MODE_GETRESOURCES, &res))
		for (uint32_t n = 0; n < res.count_crtcs && n < COUNT(crtcs); n++)
			if (crtcs[n] == k->crtc)
				return 1u << n;
	return 0;
}

static void find_planes(struct kms *k)
{
	uint32_t ids[MAX_KMS_PLANES], bit = crtc_bit(k);
	struct drm_mode_get_plane_res res = { .plane_id_ptr = (uintptr_t)ids,
					      .count_planes = MAX_KMS_PLANES };

	if (xioctl(k->fd, DRM_IOCTL_MODE_GETPLANERESOURCES, &res))
		return;
	for (uint32_t i = 0; i < res.count_planes && i < MAX_KMS_PLANES; i++) {
		struct kms_plane *p = &k->planes[k->plane_count];
		struct drm_mode_get_plane get = { .plane_id = ids[i],
						  .format_type_ptr = (uintptr_t)p->formats,
						  .count_format_types = COUNT(p->formats) };
		const struct {
			const char *name;
			uint32_t *id;
		} wanted[] = { { "FB_ID", &p->fb_id },	 { "CRTC_ID", &p->crtc_id },
			       { "SRC_X", &p->src_x },	 { "SRC_Y", &p->src_y },
			       { "SRC_W", &p->src_w },	 { "SRC_H", &p->src_h },
			       { "CRTC_X", &p->crtc_x }, { "CRTC_Y", &p->crtc_y },
			       { "CRTC_W", &p->crtc_w }, { "CRTC_H", &p->crtc_h } };

		if (xioctl(k->fd, DRM_IOCTL_MODE_GETPLANE, &get) || !(get.possible_crtcs & bit))
			continue;
		p->id = ids[i];
		p->format_count = get.count_format_types < COUNT(p->formats) ?
					  get.count_format_types :
					  (uint32_t)COUNT(p->formats);
		property(k->fd, p->id, DRM_MODE_OBJECT_PLANE, "type", &p->type);
		for (unsigned n = 0; n < COUNT(wanted); n++)
			*wanted[n].id =
				property(k->fd, p->id, DRM_MODE_OBJECT_PLANE, wanted[n].name, NULL);
		k->plane_count++;
	}
}

static struct kms *open_kms(const char *driver)
{
	static struct kms known[4];
	struct drm_set_client_cap universal = { DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1 };
	struct drm_set_client_cap atomic = { DRM_CLIENT_CAP_ATOMIC, 1 };
	struct drm_get_cap modifiers = { .capability = DRM_CAP_ADDFB2_MODIFIERS };
	unsigned i = 0;

	while (i < COUNT(known) - 1 && known[i].driver[0] && strcmp(known[i].driver, driver))
		i++;
	struct kms *k = &known[i];
	if (k->driver[0])
		return k;
	k->fd = drm_open_kind(driver, "card", true);
	if (k->fd < 0) {
		fail("open", errno);
		return NULL;
	}
	xioctl(k->fd, DRM_IOCTL_SET_CLIENT_CAP, &universal);
	k->atomic = !xioctl(k->fd, DRM_IOCTL_SET_CLIENT_CAP, &atomic);
	k->modifiers = !xioctl(k->fd, DRM_IOCTL_GET_CAP, &modifiers) && modifiers.value;
	find_output(k);
	if (k->crtc)
		find_planes(k);
	snprintf(k->driver, sizeof(k->driver), "%s", driver);
	return k;
}

static bool lists(const struct kms_plane *p, uint32_t code)
{
	for (uint32_t i = 0; i < p->format_count; i++)
		if (p->formats[i] == code)
			return true;
	return false;
}

/* A plane of that type, rather one that lists the format. */
static const struct kms_plane *find_plane(const struct kms *k, uint64_t type, uint32_t code)
{
	const struct kms_plane *any = NULL;

	for (unsigned i = 0; i < k->plane_count; i++) {
		if (k->planes[i].type != type)
			continue;
		if (lists(&k->planes[i], code))
			return &k->planes[i];
		if (!any)
			any = &k->planes[i];
	}
	return any;
}

/*
 * Index of the mode to try a picture in: one of its size, since many planes must
 * cover the whole CRTC; else the first (preferred).
 */
static uint32_t find_mode(struct kms *k, const struct cell *c)
{
	uint32_t best = 0;

	for (uint32_t i = 0; i < k->mode_count; i++)
		if (k->modes[i].hdisplay == c->width && k->modes[i].vdisplay == c->height) {
			best = i;
			break;
		}
	if (!k->blobs[best]) {
		struct drm_mode_create_blob blob = { .data = (uintptr_t)&k->modes[best],
						     .length = sizeof(k->modes[best]) };

		if (!xioctl(k->fd, DRM_IOCTL_MODE_CREATEPROPBLOB, &blob))
			k->blobs[best] = blob.blob_id;
	}
	return best;
}

/* An XR24 framebuffer of that size in the device's own memory, kept; 0 if there is none. */
static uint32_t backdrop(struct kms *k, uint32_t width, uint32_t height)
{
	unsigned i = 0;

	for (; i < COUNT(k->backdrops) - 1 && k->backdrops[i].fb; i++)
		if (k->backdrops[i].width == width && k->backdrops[i].height == height)
			return k->backdrops[i].fb;
	struct drm_mode_create_dumb dumb = { .width = width, .height = height, .bpp = 32 };
	if (xioctl(k->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return 0;
	struct drm_mode_fb_cmd2 fb = { .width = width,
				       .height = height,
				       .pixel_format = DRM_FORMAT_XRGB8888,
				       .handles = { dumb.handle },
				       .pitches = { dumb.pitch } };
	if (xioctl(k->fd, DRM_IOCTL_MODE_ADDFB2, &fb))
		return 0;
	k->backdrops[i].fb = fb.fb_id;
	k->backdrops[i].width = width;
	k->backdrops[i].height = height;
	return fb.fb_id;
}

/* An atomic request: properties of one object follow each other. */
struct request {
	uint32_t objects[4], counts[4], props[32], n_objects, n_props;
	uint64_t values[32];
};

static void begin(struct request *r, uint32_t object)
{
	r->objects[r->n_objects++] = object;
}

static void put(struct request *r, uint32_t prop, uint64_t value)
{
	r->props[r->n_props] = prop;
	r->values[r->n_props++] = value;
	r->counts[r->n_objects - 1]++;
}

static void put_plane(struct request *r, const struct kms_plane *p, uint32_t crtc, uint32_t fb,
		      uint32_t width, uint32_t height)
{
	begin(r, p->id);
	put(r, p->fb_id, fb);
	put(r, p->crtc_id, crtc);
	put(r, p->src_x, 0);
	put(r, p->src_y, 0);
	put(r, p->src_w, (uint64_t)width << 16); /* 16.16 */
	put(r, p->src_h, (uint64_t)height << 16);
	put(r, p->crtc_x, 0);
	put(r, p->crtc_y, 0);
	put(r, p->crtc_w, width);
	put(r, p->crtc_h, height);
}

/* Never a real commit: TEST_ONLY. */
static bool try_plane(struct kms *k, const struct cell *c, const struct kms_plane *plane, uint32_t fb)
{
	struct request r = { 0 };
	uint32_t m = find_mode(k, c);
	uint32_t across = k->modes[m].hdisplay, down = k->modes[m].vdisplay;

	begin(&r, k->connector);
	put(&r, k->connector_crtc_prop, k->crtc);
	begin(&r, k->crtc);
	put(&r, k->mode_prop, k->blobs[m]);
	put(&r, k->active_prop, 1);
	if (plane->type != PLANE_PRIMARY) {
		const struct kms_plane *primary =
			find_plane(k, PLANE_PRIMARY, DRM_FORMAT_XRGB8888);
		uint32_t below = primary ? backdrop(k, across, down) : 0;

		if (!below)
			return unsupported("test-commit");
		put_plane(&r, primary, k->crtc, below, across, down);
	}
	put_plane(&r, plane, k->crtc, fb, c->width < across ? c->width : across,
		  c->height < down ? c->height : down);
	struct drm_mode_atomic atomic = { .flags = DRM_MODE_ATOMIC_TEST_ONLY |
						   DRM_MODE_ATOMIC_ALLOW_MODESET,
					  .count_objs = r.n_objects,
					  .objs_ptr = (uintptr_t)r.objects,
					  .count_props_ptr = (uintptr_t)r.counts,
					  .props_ptr = (uintptr_t)r.props,
					  .prop_values_ptr = (uintptr_t)r.values };
	return !xioctl(k->fd, DRM_IOCTL_MODE_ATOMIC, &atomic) || fail("test-commit", errno);
}

static bool check_kms(const struct cell *c, struct buffer *b, const char *driver, uint64_t type)
{
	struct kms *k = open_kms(driver);
	bool ok = false;

	if (!k)
		return false;
	if (!k->atomic || !k->crtc)
		return unsupported("test-commit");
	const struct kms_plane *plane = find_plane(k, type, c->format->code);
	if (!plane)
		return unsupported("test-commit");
	struct drm_prime_handle prime = { .fd = b->fd };
	if (xioctl(k->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime))
		return fail("prime-import", errno);
	struct drm_mode_fb_cmd2 fb = { .width = c->width,
				       .height = c->height,
				       .pixel_format = c->format->code };
	for (unsigned p = 0; p < c->format->planes; p++) {
		fb.handles[p] = prime.handle;
		fb.pitches[p] = b->stride[p];
		fb.offsets[p] = (uint32_t)b->offset[p];
		if (k->modifiers && b->has_modifier) {
			fb.flags = DRM_MODE_FB_MODIFIERS;
			fb.modifier[p] = b->modifier;
		}
	}
	if (xioctl(k->fd, DRM_IOCTL_MODE_ADDFB2, &fb)) {
		fail("addfb2", errno);
	} else {
		ok = try_plane(k, c, plane, fb.fb_id);
		xioctl(k->fd, DRM_IOCTL_MODE_RMFB, &fb.fb_id);
	}
	struct drm_gem_close gem = { .handle = prime.handle };
	xioctl(k->fd, DRM_IOCTL_GEM_CLOSE, &gem);
	return ok;
}
