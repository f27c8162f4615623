/* SPDX-License-Identifier: GPL-3.0-or-later */
/* args: types=mixed-queues */
/*
 * mixed-queues: when are two work items the same?
 *
 * Nothing here is cancelled, since a wait for one of two items that were
 * taken for one would hide the mistake. The items that are only on the shared
 * queue are wrong for another rule, so it is switched off.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *own_wq;

void touch_hardware(void);

static void handler(struct work_struct *work)
{
	touch_hardware();
}

static void other_handler(struct work_struct *work)
{
}

/* The same member, reached through different objects, is one item. */

struct bad_unit {
	struct work_struct work;
};

struct bad_board {
	struct bad_unit *unit;
	struct bad_unit main;
};

void bad_unit_start(struct bad_unit *unit)
{
	INIT_WORK(&unit->work, handler);
	queue_work(own_wq, &unit->work);
}

void bad_unit_through_pointer(struct bad_board *board)
{
	schedule_work(&board->unit->work);	/* expect: mixed-queues */
}

/* An element whose index is not known can be any of them. */

struct bad_queue_pair {
	struct work_struct work;
};

struct bad_ring {
	struct bad_queue_pair pairs[4];
};

void bad_ring_start(struct bad_ring *ring, int i)
{
	INIT_WORK(&ring->pairs[i].work, handler);
	queue_work(own_wq, &ring->pairs[i].work);
}

void bad_ring_error(struct bad_ring *ring, int i)
{
	schedule_work(&ring->pairs[i].work);	/* expect: mixed-queues */
}

/* The same member name in two types */

struct ok_reader {
	struct work_struct work;
};

struct ok_writer {
	struct work_struct work;
};

void ok_reader_start(struct ok_reader *reader)
{
	INIT_WORK(&reader->work, handler);
	queue_work(own_wq, &reader->work);
}

void ok_writer_start(struct ok_writer *writer)
{
	INIT_WORK(&writer->work, handler);
	schedule_work(&writer->work);
}

/* The same type embedded twice */

struct ok_tagged_work {
	struct work_struct work;
	int tag;
};

struct ok_channel {
	struct ok_tagged_work rx;
	struct ok_tagged_work tx;
};

void ok_channel_start(struct ok_channel *channel)
{
	INIT_WORK(&channel->rx.work, handler);
	INIT_WORK(&channel->tx.work, handler);
	queue_work(own_wq, &channel->rx.work);
	schedule_work(&channel->tx.work);
}

/* The same wrapper, passed as such: which of the two it is stays open. */

struct ok_pair {
	struct ok_tagged_work left;
	struct ok_tagged_work right;
};

static noinline void ok_queue_own(struct ok_tagged_work *tagged)
{
	queue_work(own_wq, &tagged->work);
}

static noinline void ok_queue_shared(struct ok_tagged_work *tagged)
{
	schedule_work(&tagged->work);
}

void ok_pair_start(struct ok_pair *pair)
{
	INIT_WORK(&pair->left.work, handler);
	INIT_WORK(&pair->right.work, handler);
	ok_queue_own(&pair->left);
	ok_queue_shared(&pair->right);
}

/* Helpers that take any work item do not make all items one. */

struct ok_first {
	struct work_struct work;
};

struct ok_second {
	struct work_struct work;
};

static noinline void ok_kick_own(struct work_struct *work)
{
	queue_work(own_wq, work);
}

static noinline void ok_kick_shared(struct work_struct *work)
{
	schedule_work(work);
}

void ok_kick_first(struct ok_first *first)
{
	INIT_WORK(&first->work, handler);
	ok_kick_own(&first->work);
}

void ok_kick_second(struct ok_second *second)
{
	INIT_WORK(&second->work, handler);
	ok_kick_shared(&second->work);
}

/* Two static objects of one type */

struct ok_box {
	struct work_struct work;
};

static struct ok_box ok_left_box = {
	.work = __WORK_INITIALIZER(ok_left_box.work, handler),
};

static struct ok_box ok_right_box = {
	.work = __WORK_INITIALIZER(ok_right_box.work, handler),
};

void ok_boxes_start(void)
{
	queue_work(own_wq, &ok_left_box.work);
	schedule_work(&ok_right_box.work);
}

/* Two elements of one array */

static struct ok_box ok_shelf[2];

void ok_shelf_start(void)
{
	INIT_WORK(&ok_shelf[0].work, handler);
	INIT_WORK(&ok_shelf[1].work, handler);
	queue_work(own_wq, &ok_shelf[0].work);
	schedule_work(&ok_shelf[1].work);
}

/* Initialised anew before each use, the item is another one each time. */

struct ok_request {
	struct work_struct work;
};

void ok_request_read(struct ok_request *request)
{
	INIT_WORK(&request->work, handler);
	queue_work(own_wq, &request->work);
}

void ok_request_release(struct ok_request *request)
{
	INIT_WORK(&request->work, other_handler);
	schedule_work(&request->work);
}

/* Nothing waits for this queue, so nothing relies on what is on it. */

struct ok_unwaited {
	struct workqueue_struct *wq;
	struct work_struct work;
};

int ok_unwaited_open(struct ok_unwaited *unwaited)
{
	unwaited->wq = alloc_workqueue("unwaited", 0, 0);
	if (!unwaited->wq)
		return -ENOMEM;
	INIT_WORK(&unwaited->work, handler);
	return 0;
}

void ok_unwaited_kick(struct ok_unwaited *unwaited)
{
	queue_work(unwaited->wq, &unwaited->work);
}

void ok_unwaited_error(struct ok_unwaited *unwaited)
{
	schedule_work(&unwaited->work);
}

static int __init ok_init(void)
{
	own_wq = alloc_workqueue("own", 0, 0);
	return own_wq ? 0 : -ENOMEM;
}
module_init(ok_init);

static void __exit ok_exit(void)
{
	destroy_workqueue(own_wq);
}
module_exit(ok_exit);

MODULE_LICENSE("GPL");
