/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unflushed-work: references that a handler drops through helpers, also
 * inline ones of a header, and references of others that it drops while
 * nobody holds its own object.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "unflushed-work-references.h"

static struct workqueue_struct *own_wq;

static void own_handler(struct work_struct *work)
{
}

static DECLARE_WORK(own_item, own_handler);

/* The object is kept by a reference, and the put is in a header. */
static void ok_card_work(struct work_struct *work)
{
	struct ref_card *card = container_of(work, struct ref_card, work);

	ref_card_put(card);
}

void ok_card_kick(struct ref_card *card)
{
	INIT_WORK(&card->work, ok_card_work);
	kref_get(&card->kref);
	schedule_work(&card->work);
}

/* A request of its own, which keeps the device that it is for. */
struct ok_request {
	struct work_struct work;
	struct usb_device *udev;
};

static void ok_request_work(struct work_struct *work)
{
	struct ok_request *request = container_of(work, struct ok_request,
						  work);

	usb_put_dev(request->udev);
	kfree(request);
}

int ok_request_start(struct usb_device *udev)
{
	struct ok_request *request = kzalloc(sizeof(*request), GFP_KERNEL);

	if (!request)
		return -ENOMEM;
	INIT_WORK(&request->work, ok_request_work);
	request->udev = usb_get_dev(udev);
	schedule_work(&request->work);
	return 0;
}

/* It frees itself too, but the device that it uses is kept by nobody. */
struct bad_request {
	struct work_struct work;
	struct usb_device *udev;
};

static void bad_request_work(struct work_struct *work)
{
	struct bad_request *request = container_of(work, struct bad_request,
						   work);

	usb_reset_device(request->udev);
	kfree(request);
}

int bad_request_start(struct usb_device *udev)
{
	struct bad_request *request = kzalloc(sizeof(*request), GFP_KERNEL);

	if (!request)
		return -ENOMEM;
	INIT_WORK(&request->work, bad_request_work);
	request->udev = udev;
	schedule_work(&request->work);	/* expect: unflushed-work */
	return 0;
}

/* The reference that is dropped is of another kind of object. */
struct bad_owner {
	struct work_struct work;
	struct ref_card *card;
};

static void bad_owner_work(struct work_struct *work)
{
	struct bad_owner *owner = container_of(work, struct bad_owner, work);

	ref_card_put(owner->card);
}

void bad_owner_kick(struct bad_owner *owner)
{
	INIT_WORK(&owner->work, bad_owner_work);
	schedule_work(&owner->work);	/* expect: unflushed-work */
}

void bad_owner_free(struct bad_owner *owner)
{
	flush_workqueue(own_wq);
	kfree(owner);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	if (!own_wq)
		return -ENOMEM;
	queue_work(own_wq, &own_item);
	return 0;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
