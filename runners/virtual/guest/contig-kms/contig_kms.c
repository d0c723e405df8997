// SPDX-License-Identifier: GPL-2.0-only
/*
 * contig_kms: a display controller that can only scan out memory which is
 * contiguous in its DMA address space, as the Raspberry Pi 4's vc4, NXP's
 * lcdif or Arm's pl111. It binds to QEMU's "edu" PCI device for nothing but a
 * struct device with a DMA mask and, when there is one, an IOMMU in front.
 * Nothing is scanned out. Every import goes through the kernel's own
 * drm_gem_dma_prime_import_sg_table(), so each refusal is the kernel's.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/task_work.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_connector.h>
#include <drm/drm_crtc.h>
#include <drm/drm_crtc_helper.h>
#include <drm/drm_drv.h>
#include <drm/drm_edid.h>
#include <drm/drm_encoder.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_gem_dma_helper.h>
#include <drm/drm_gem_framebuffer_helper.h>
#include <drm/drm_managed.h>
#include <drm/drm_modes.h>
#include <drm/drm_modeset_helper_vtables.h>
#include <drm/drm_plane.h>
#include <drm/drm_prime.h>
#include <drm/drm_probe_helper.h>

#define MAX_WIDTH 1920
#define MAX_HEIGHT 1080

struct contig_plane {
	struct drm_plane base;
};

struct contig_kms {
	struct drm_device drm;
	struct drm_crtc crtc;
	struct drm_encoder encoder;
	struct drm_connector connector;
};

static const u32 formats[] = {
	DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, DRM_FORMAT_RGB565,
	DRM_FORMAT_NV12,     DRM_FORMAT_YUV420,
};

/* Either plane may be anywhere on the screen; none of them scales. */
static int contig_plane_check(struct drm_plane *plane, struct drm_atomic_state *state)
{
	struct drm_plane_state *new = drm_atomic_get_new_plane_state(state, plane);
	struct drm_crtc_state *crtc_state;

	if (!new->fb || WARN_ON(!new->crtc))
		return 0;
	crtc_state = drm_atomic_get_crtc_state(state, new->crtc);
	if (IS_ERR(crtc_state))
		return PTR_ERR(crtc_state);
	return drm_atomic_helper_check_plane_state(new, crtc_state, DRM_PLANE_NO_SCALING,
						   DRM_PLANE_NO_SCALING, true, true);
}

static void contig_plane_update(struct drm_plane *plane, struct drm_atomic_state *state)
{
}

static const struct drm_plane_helper_funcs contig_plane_helper_funcs = {
	.atomic_check = contig_plane_check,
	.atomic_update = contig_plane_update,
};

static const struct drm_plane_funcs contig_plane_funcs = {
	.update_plane = drm_atomic_helper_update_plane,
	.disable_plane = drm_atomic_helper_disable_plane,
	.reset = drm_atomic_helper_plane_reset,
	.atomic_duplicate_state = drm_atomic_helper_plane_duplicate_state,
	.atomic_destroy_state = drm_atomic_helper_plane_destroy_state,
};

static const struct drm_crtc_helper_funcs contig_crtc_helper_funcs = {
	.atomic_check = drm_crtc_helper_atomic_check,
};

static const struct drm_crtc_funcs contig_crtc_funcs = {
	.set_config = drm_atomic_helper_set_config,
	.page_flip = drm_atomic_helper_page_flip,
	.reset = drm_atomic_helper_crtc_reset,
	.atomic_duplicate_state = drm_atomic_helper_crtc_duplicate_state,
	.atomic_destroy_state = drm_atomic_helper_crtc_destroy_state,
};

/* No .detect: the helper then reports the connector as always connected. */
static int contig_get_modes(struct drm_connector *connector)
{
	int count = drm_add_modes_noedid(connector, MAX_WIDTH, MAX_HEIGHT);

	drm_set_preferred_mode(connector, MAX_WIDTH, MAX_HEIGHT);
	return count;
}

static const struct drm_connector_helper_funcs contig_connector_helper_funcs = {
	.get_modes = contig_get_modes,
};

static const struct drm_connector_funcs contig_connector_funcs = {
	.fill_modes = drm_helper_probe_single_connector_modes,
	.reset = drm_atomic_helper_connector_reset,
	.atomic_duplicate_state = drm_atomic_helper_connector_duplicate_state,
	.atomic_destroy_state = drm_atomic_helper_connector_destroy_state,
};

static const struct drm_mode_config_funcs contig_mode_config_funcs = {
	.fb_create = drm_gem_fb_create,
	.atomic_check = drm_atomic_helper_check,
	.atomic_commit = drm_atomic_helper_commit,
};

/* For tests of what a driver's oops does to a run: the next import has one, and those after it none. */
static bool oops_once;
module_param(oops_once, bool, 0600);
MODULE_PARM_DESC(oops_once, "Dereference NULL in the next import (default: no)");

static void contig_oops(struct callback_head *work)
{
	u32 *nothing = NULL;

	OPTIMIZER_HIDE_VAR(nothing);
	WRITE_ONCE(*nothing, 1);
}

/*
 * The oops is at the very end of the system call. Inside it, the dying task would keep its reference
 * to the open card for ever, and with it DRM master: nobody could commit any more until the next boot.
 */
static int contig_prime_fd_to_handle(struct drm_device *drm, struct drm_file *file, int fd,
				     u32 *handle)
{
	static struct callback_head work;

	if (xchg(&oops_once, false)) {
		init_task_work(&work, contig_oops);
		return task_work_add(current, &work, TWA_RESUME);
	}
	return drm_gem_prime_fd_to_handle(drm, file, fd, handle);
}

DEFINE_DRM_GEM_DMA_FOPS(contig_fops);

static const struct drm_driver contig_driver = {
	.driver_features = DRIVER_GEM | DRIVER_MODESET | DRIVER_ATOMIC,
	.fops = &contig_fops,
	.name = "contig_kms",
	.desc = "KMS device for contiguous memory only",
	.major = 1,
	.minor = 0,
	DRM_GEM_DMA_DRIVER_OPS,
	.prime_fd_to_handle = contig_prime_fd_to_handle,
};

static struct drm_plane *contig_plane_create(struct contig_kms *contig, enum drm_plane_type type)
{
	struct contig_plane *plane =
		drmm_universal_plane_alloc(&contig->drm, struct contig_plane, base, BIT(0),
					   &contig_plane_funcs, formats, ARRAY_SIZE(formats), NULL,
					   type, NULL);

	if (IS_ERR(plane))
		return ERR_CAST(plane);
	drm_plane_helper_add(&plane->base, &contig_plane_helper_funcs);
	return &plane->base;
}

static int contig_modeset_init(struct contig_kms *contig)
{
	struct drm_device *drm = &contig->drm;
	struct drm_plane *primary, *overlay;
	int ret = drmm_mode_config_init(drm);

	if (ret)
		return ret;
	drm->mode_config.funcs = &contig_mode_config_funcs;
	drm->mode_config.max_width = 4096;
	drm->mode_config.max_height = 4096;

	primary = contig_plane_create(contig, DRM_PLANE_TYPE_PRIMARY);
	if (IS_ERR(primary))
		return PTR_ERR(primary);
	overlay = contig_plane_create(contig, DRM_PLANE_TYPE_OVERLAY);
	if (IS_ERR(overlay))
		return PTR_ERR(overlay);

	drm_crtc_helper_add(&contig->crtc, &contig_crtc_helper_funcs);
	ret = drmm_crtc_init_with_planes(drm, &contig->crtc, primary, NULL, &contig_crtc_funcs,
					 NULL);
	if (ret)
		return ret;

	ret = drmm_encoder_init(drm, &contig->encoder, NULL, DRM_MODE_ENCODER_VIRTUAL, NULL);
	if (ret)
		return ret;
	contig->encoder.possible_crtcs = drm_crtc_mask(&contig->crtc);

	drm_connector_helper_add(&contig->connector, &contig_connector_helper_funcs);
	ret = drmm_connector_init(drm, &contig->connector, &contig_connector_funcs,
				  DRM_MODE_CONNECTOR_VIRTUAL, NULL);
	if (ret)
		return ret;
	ret = drm_connector_attach_encoder(&contig->connector, &contig->encoder);
	if (ret)
		return ret;

	drm_mode_config_reset(drm);
	return 0;
}

static int contig_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct contig_kms *contig;
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	pci_set_master(pdev);
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (ret)
		return ret;
	/* Without this an IOMMU would hand out pieces of 64 KiB. */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);

	contig = devm_drm_dev_alloc(&pdev->dev, &contig_driver, struct contig_kms, drm);
	if (IS_ERR(contig))
		return PTR_ERR(contig);
	ret = contig_modeset_init(contig);
	if (ret)
		return ret;
	pci_set_drvdata(pdev, contig);
	return drm_dev_register(&contig->drm, 0);
}

static void contig_remove(struct pci_dev *pdev)
{
	struct contig_kms *contig = pci_get_drvdata(pdev);

	drm_dev_unplug(&contig->drm);
	drm_atomic_helper_shutdown(&contig->drm);
}

static const struct pci_device_id contig_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, {} };
MODULE_DEVICE_TABLE(pci, contig_ids);

static struct pci_driver contig_pci_driver = {
	.name = "contig_kms",
	.id_table = contig_ids,
	.probe = contig_probe,
	.remove = contig_remove,
};
module_pci_driver(contig_pci_driver);

MODULE_DESCRIPTION("KMS device for contiguous memory only, on QEMU's edu device");
MODULE_LICENSE("GPL");
