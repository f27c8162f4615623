/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objects of unflushed-work-references.c, as a driver's header has them. */
#ifndef UNFLUSHED_WORK_REFERENCES_H
#define UNFLUSHED_WORK_REFERENCES_H

#include <linux/kref.h>
#include <linux/workqueue.h>

struct usb_device;

struct usb_device *usb_get_dev(struct usb_device *udev);
void usb_put_dev(struct usb_device *udev);
int usb_reset_device(struct usb_device *udev);

struct ref_card {
	struct kref kref;
	struct work_struct work;
};

void ref_card_release(struct kref *kref);

static inline void ref_card_put(struct ref_card *card)
{
	kref_put(&card->kref, ref_card_release);
}

#endif
