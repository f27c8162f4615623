/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's API as a table, sorted by name (checked by a unit test).
 */
#include <string.h>

#include "api.h"

#define NONE -1

/* Rows by what a function does; columns that a row leaves out are NONE. */
#define ROW(name_, effect_, ...) \
	{ .name = name_, .effect = WQ_EVENT_##effect_, .queue = NONE, \
	  .work = NONE, .delay = NONE, .object = NONE, .value = NONE, \
	  .flags_arg = NONE, __VA_ARGS__ }
#define QUEUES(name_, queue_, work_, ...) \
	ROW(name_, QUEUE, .queue = queue_, .work = work_, __VA_ARGS__)
#define DELAYS(name_, queue_, work_, delay_, ...) \
	ROW(name_, QUEUE, .queue = queue_, .work = work_, .delay = delay_, \
	    .flags = WQ_API_DELAYED | (__VA_ARGS__ + 0))
#define ON_QUEUE(name_, effect_)	ROW(name_, effect_, .queue = 0)
#define ON_WORK(name_, effect_)		ROW(name_, effect_, .work = 0)
#define ON_DELAYED(name_, effect_) \
	ROW(name_, effect_, .work = 0, .flags = WQ_API_DELAYED)
#define ALLOCS(name_, value_, flags_arg_, ...) \
	ROW(name_, ALLOC_QUEUE, .value = value_, .flags_arg = flags_arg_, \
	    __VA_ARGS__)
#define ALLOCATES(name_, ...)		ROW(name_, ALLOC, __VA_ARGS__)
#define ON_OBJECT(name_, effect_, object_) \
	ROW(name_, effect_, .object = object_)
#define CALLBACK(name_, object_, value_, ...) \
	ROW(name_, CALL, .object = object_, .value = value_, \
	    .flags = WQ_API_CALLBACK | (__VA_ARGS__ + 0))

#pragma GCC diagnostic ignored "-Woverride-init"

static const struct wq_api apis[] = {
	ALLOCS("__alloc_workqueue_key", 0, 1),
	CALLBACK("__devm_add_action", 1, 2, WQ_API_MANAGED),
	CALLBACK("__devm_add_action_or_reset", 1, 2, WQ_API_MANAGED),
	ALLOCATES("__devm_drm_dev_alloc", .object = 0, .flags = WQ_API_MANAGED),
	CALLBACK("__drmm_add_action", 1, 2, WQ_API_MANAGED),
	CALLBACK("__drmm_add_action_or_reset", 1, 2, WQ_API_MANAGED),
	ON_QUEUE("__flush_workqueue", FLUSH_QUEUE),
	ON_OBJECT("__module_get", GET, 0),
	ON_OBJECT("__mutex_lock_slowpath", LOCK, 0),
	ON_OBJECT("__wake_up", SIGNAL, 0),
	ON_OBJECT("__wake_up_locked", SIGNAL, 0),
	ON_OBJECT("__wake_up_sync", SIGNAL, 0),
	ON_OBJECT("_mutex_lock_nest_lock", LOCK, 0),
	ALLOCS("alloc_workqueue", 0, 1),
	ALLOCS("alloc_workqueue_lockdep_map", 0, 1),
	ALLOCS("alloc_workqueue_noprof", 0, 1),
	ON_OBJECT("atomic64_dec", PUT, 0),
	ON_OBJECT("atomic64_inc", GET, 0),
	ON_OBJECT("atomic_dec", PUT, 0),
	ON_OBJECT("atomic_dec_and_test", PUT, 0),
	ON_OBJECT("atomic_dec_return", PUT, 0),
	ON_OBJECT("atomic_inc", GET, 0),
	ON_OBJECT("atomic_inc_not_zero", GET, 0),
	ON_OBJECT("atomic_inc_return", GET, 0),
	ON_OBJECT("atomic_long_dec", PUT, 0),
	ON_OBJECT("atomic_long_dec_and_test", PUT, 0),
	ON_OBJECT("atomic_long_inc", GET, 0),
	ON_OBJECT("atomic_sub_and_test", PUT, 1),
	ON_DELAYED("cancel_delayed_work", CANCEL_WORK),
	ON_DELAYED("cancel_delayed_work_sync", CANCEL_WORK_SYNC),
	ON_WORK("cancel_work", CANCEL_WORK),
	ON_WORK("cancel_work_sync", CANCEL_WORK_SYNC),
	ON_OBJECT("clear_and_wake_up_bit", SIGNAL, 1),
	ON_OBJECT("complete", SIGNAL, 0),
	ON_OBJECT("complete_all", SIGNAL, 0),
	ON_QUEUE("destroy_workqueue", DESTROY_QUEUE),
	ON_OBJECT("dev_hold", GET, 0),
	ON_OBJECT("dev_hold_track", GET, 0),
	ON_OBJECT("dev_put", PUT, 0),
	ON_OBJECT("dev_put_track", PUT, 0),
	CALLBACK("devm_add_action", 1, 2, WQ_API_MANAGED),
	CALLBACK("devm_add_action_or_reset", 1, 2, WQ_API_MANAGED),
	ALLOCS("devm_alloc_workqueue", 1, 2, .flags = WQ_API_MANAGED),
	ALLOCS("devm_alloc_workqueue_noprof", 1, 2, .flags = WQ_API_MANAGED),
	ALLOCATES("devm_kcalloc", .object = 0, .flags = WQ_API_MANAGED),
	ON_OBJECT("devm_kfree", FREE, 1),
	ALLOCATES("devm_kmalloc", .object = 0, .flags = WQ_API_MANAGED),
	ALLOCATES("devm_kmalloc_array", .object = 0, .flags = WQ_API_MANAGED),
	ALLOCATES("devm_kmemdup", .object = 0, .flags = WQ_API_MANAGED),
	ALLOCATES("devm_kzalloc", .object = 0, .flags = WQ_API_MANAGED),
	ON_DELAYED("disable_delayed_work", DISABLE_WORK),
	ON_DELAYED("disable_delayed_work_sync", DISABLE_WORK_SYNC),
	ROW("disable_irq", CALL),
	ROW("disable_irq_nosync", CALL),
	ON_WORK("disable_work", DISABLE_WORK),
	ON_WORK("disable_work_sync", DISABLE_WORK_SYNC),
	ON_OBJECT("dma_fence_signal", SIGNAL, 0),
	ON_OBJECT("dma_fence_wait", WAIT, 0),
	ON_OBJECT("down", LOCK, 0),
	ON_OBJECT("down_interruptible", LOCK, 0),
	ON_OBJECT("down_read", LOCK, 0),
	ON_OBJECT("down_read_nested", LOCK, 0),
	ON_OBJECT("down_write", LOCK, 0),
	ON_OBJECT("down_write_nested", LOCK, 0),
	ON_QUEUE("drain_workqueue", DRAIN_QUEUE),
	QUEUES("enable_and_queue_work", 0, 1),
	ON_DELAYED("enable_delayed_work", ENABLE_WORK),
	ON_WORK("enable_work", ENABLE_WORK),
	/* kernel/workqueue.c: initialises it with the function, then queues */
	QUEUES("execute_in_process_context", NONE, 1, .value = 0,
	       .flags = WQ_API_SCHEDULES),
	ON_DELAYED("flush_delayed_work", FLUSH_WORK),
	ON_WORK("flush_rcu_work", FLUSH_WORK),
	ROW("flush_scheduled_work", FLUSH_QUEUE, .flags = WQ_API_SCHEDULES),
	ON_WORK("flush_work", FLUSH_WORK),
	ON_QUEUE("flush_workqueue", FLUSH_QUEUE),
	ON_OBJECT("fput", PUT, 0),
	ON_OBJECT("free_netdev", FREE, 0),
	ON_OBJECT("free_percpu", FREE, 0),
	ON_OBJECT("get_device", GET, 0),
	ON_OBJECT("get_file", GET, 0),
	ON_OBJECT("get_net", GET, 0),
	ON_OBJECT("get_pid", GET, 0),
	ON_OBJECT("get_task_struct", GET, 0),
	QUEUES("ieee80211_queue_delayed_work", NONE, 1,
	       .delay = 2, .flags = WQ_API_DELAYED),	/* net/mac80211.h */
	QUEUES("ieee80211_queue_work", NONE, 1),
	ALLOCATES("iio_priv", .object = 0),		/* part of it */
	ON_OBJECT("in6_dev_hold", GET, 0),
	ON_OBJECT("in6_dev_put", PUT, 0),
	ON_OBJECT("init_wait_var_entry", WAIT, 1),	/* wait_var_event() */
	DELAYS("kblockd_mod_delayed_work_on", NONE, 1, 2),	/* blk-core.c */
	QUEUES("kblockd_schedule_work", NONE, 0),
	ALLOCATES("kcalloc"),
	ALLOCATES("kcalloc_node"),
	ALLOCATES("kcalloc_node_noprof"),
	ALLOCATES("kcalloc_noprof"),
	ON_OBJECT("kfree", FREE, 0),
	ON_OBJECT("kfree_sensitive", FREE, 0),
	ALLOCATES("kmalloc"),
	ALLOCATES("kmalloc_array"),
	ALLOCATES("kmalloc_array_node_noprof"),
	ALLOCATES("kmalloc_array_noprof"),
	ALLOCATES("kmalloc_node"),
	ALLOCATES("kmalloc_node_noprof"),
	ALLOCATES("kmalloc_noprof"),
	ALLOCATES("kmem_cache_alloc"),
	ALLOCATES("kmem_cache_alloc_lru"),
	ALLOCATES("kmem_cache_alloc_lru_noprof"),
	ALLOCATES("kmem_cache_alloc_node"),
	ALLOCATES("kmem_cache_alloc_node_noprof"),
	ALLOCATES("kmem_cache_alloc_noprof"),
	ON_OBJECT("kmem_cache_free", FREE, 1),
	ALLOCATES("kmem_cache_zalloc"),
	ALLOCATES("kmem_cache_zalloc_noprof"),
	ALLOCATES("kmemdup"),
	ALLOCATES("kmemdup_noprof"),
	ON_OBJECT("kobject_get", GET, 0),
	ON_OBJECT("kobject_put", PUT, 0),
	ON_OBJECT("kref_get", GET, 0),
	ON_OBJECT("kref_get_unless_zero", GET, 0),
	ON_OBJECT("kref_put", PUT, 0),
	ON_OBJECT("kref_put_lock", PUT, 0),
	ON_OBJECT("kref_put_mutex", PUT, 0),
	ALLOCATES("kvcalloc"),
	ALLOCATES("kvcalloc_noprof"),
	ON_OBJECT("kvfree", FREE, 0),
	ON_OBJECT("kvfree_call_rcu", FREE, 0),		/* kfree_rcu() */
	ALLOCATES("kvmalloc"),
	ALLOCATES("kvmalloc_array"),
	ALLOCATES("kvmalloc_array_node_noprof"),
	ALLOCATES("kvmalloc_array_noprof"),
	ALLOCATES("kvmalloc_node"),
	ALLOCATES("kvmalloc_node_align_noprof"),
	ALLOCATES("kvmalloc_node_noprof"),
	ALLOCATES("kvmalloc_noprof"),
	ALLOCATES("kvzalloc"),
	ALLOCATES("kvzalloc_node"),
	ALLOCATES("kvzalloc_node_noprof"),
	ALLOCATES("kvzalloc_noprof"),
	ALLOCATES("kzalloc"),
	ALLOCATES("kzalloc_node"),
	ALLOCATES("kzalloc_node_noprof"),
	ALLOCATES("kzalloc_noprof"),
	DELAYS("mod_delayed_work", 0, 1, 2),
	DELAYS("mod_delayed_work_on", 1, 2, 3),
	ON_OBJECT("module_put", PUT, 0),
	ON_OBJECT("mutex_lock", LOCK, 0),
	ON_OBJECT("mutex_lock_interruptible", LOCK, 0),
	ON_OBJECT("mutex_lock_interruptible_nested", LOCK, 0),
	ON_OBJECT("mutex_lock_killable", LOCK, 0),
	ON_OBJECT("mutex_lock_killable_nested", LOCK, 0),
	ON_OBJECT("mutex_lock_nested", LOCK, 0),
	ON_OBJECT("mutex_unlock", UNLOCK, 0),
	ON_OBJECT("netdev_hold", GET, 0),
	ALLOCATES("netdev_priv", .object = 0),		/* part of it */
	ON_OBJECT("netdev_put", PUT, 0),
	ON_OBJECT("out_of_line_wait_on_bit", WAIT, 0),
	ON_OBJECT("path_get", GET, 0),
	ON_OBJECT("path_put", PUT, 0),
	ON_OBJECT("pci_dev_get", GET, 0),
	ON_OBJECT("pci_dev_put", PUT, 0),
	ON_OBJECT("percpu_ref_get", GET, 0),
	ON_OBJECT("percpu_ref_put", PUT, 0),
	ON_OBJECT("percpu_ref_tryget", GET, 0),
	ON_OBJECT("percpu_ref_tryget_live", GET, 0),
	ON_OBJECT("prepare_to_wait", WAIT, 0),		/* wait_event() */
	ON_OBJECT("prepare_to_wait_event", WAIT, 0),
	ON_OBJECT("prepare_to_wait_exclusive", WAIT, 0),
	ON_OBJECT("put_device", PUT, 0),
	ON_OBJECT("put_net", PUT, 0),
	ON_OBJECT("put_pid", PUT, 0),
	ON_OBJECT("put_task_struct", PUT, 0),
	DELAYS("queue_delayed_work", 0, 1, 2),
	DELAYS("queue_delayed_work_on", 1, 2, 3),
	QUEUES("queue_rcu_work", 0, 1),
	QUEUES("queue_work", 0, 1),
	QUEUES("queue_work_node", 1, 2),
	QUEUES("queue_work_on", 1, 2),
	ON_OBJECT("refcount_dec", PUT, 0),
	ON_OBJECT("refcount_dec_and_lock", PUT, 0),
	ON_OBJECT("refcount_dec_and_mutex_lock", PUT, 0),
	ON_OBJECT("refcount_dec_and_test", PUT, 0),
	ON_OBJECT("refcount_inc", GET, 0),
	ON_OBJECT("refcount_inc_not_zero", GET, 0),
	ON_OBJECT("refcount_sub_and_test", PUT, 1),
	ROW("rtnl_lock", LOCK, .flags = WQ_API_RTNL),	/* rtnetlink.h */
	ROW("rtnl_unlock", UNLOCK, .flags = WQ_API_RTNL),
	DELAYS("schedule_delayed_work", NONE, 0, 1, WQ_API_SCHEDULES),
	DELAYS("schedule_delayed_work_on", NONE, 1, 2, WQ_API_SCHEDULES),
	QUEUES("schedule_work", NONE, 0, .flags = WQ_API_SCHEDULES),
	QUEUES("schedule_work_on", NONE, 1, .flags = WQ_API_SCHEDULES),
	ON_OBJECT("scsi_host_get", GET, 0),
	ON_OBJECT("scsi_host_put", PUT, 0),
	ALLOCATES("shost_priv", .object = 0),		/* part of it */
	ON_OBJECT("sock_hold", GET, 0),
	ON_OBJECT("sock_put", PUT, 0),
	ALLOCATES("spi_controller_get_devdata", .object = 0),		/* part of it */
	ALLOCATES("spi_master_get_devdata", .object = 0),		/* part of it */
	ROW("synchronize_irq", CALL),
	ROW("to_delayed_work", CALL, .work = 0, .flags = WQ_API_SAME_ITEM),
	ROW("to_rcu_work", CALL, .work = 0, .flags = WQ_API_SAME_ITEM),
	ON_OBJECT("try_module_get", GET, 0),
	ON_OBJECT("up", UNLOCK, 0),
	ON_OBJECT("up_read", UNLOCK, 0),
	ON_OBJECT("up_write", UNLOCK, 0),
	ON_OBJECT("usb_get_dev", GET, 0),
	ON_OBJECT("usb_get_intf", GET, 0),
	ON_OBJECT("usb_put_dev", PUT, 0),
	ON_OBJECT("usb_put_intf", PUT, 0),
	ON_OBJECT("vfree", FREE, 0),
	ALLOCATES("vmalloc"),
	ALLOCATES("vmalloc_noprof"),
	ALLOCATES("vzalloc"),
	ALLOCATES("vzalloc_noprof"),
	ON_OBJECT("wait_for_completion", WAIT, 0),
	ON_OBJECT("wait_for_completion_interruptible", WAIT, 0),
	ON_OBJECT("wait_for_completion_io", WAIT, 0),
	ON_OBJECT("wait_for_completion_killable", WAIT, 0),
	ON_OBJECT("wait_for_completion_state", WAIT, 0),
	ON_OBJECT("wait_on_bit", WAIT, 0),
	ON_OBJECT("wait_on_bit_io", WAIT, 0),
	ON_OBJECT("wait_on_bit_lock", WAIT, 0),
	ON_OBJECT("wake_up_bit", SIGNAL, 0),
	ON_OBJECT("wake_up_process", SIGNAL, 0),
	ON_OBJECT("wake_up_var", SIGNAL, 0),
	ALLOCATES("wiphy_priv", .object = 0),		/* part of it */
};

static const struct wq_api *find(const char *name)
{
	size_t low = 0, high = sizeof(apis) / sizeof(*apis);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, apis[middle].name);

		if (!order)
			return &apis[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct wq_api *wq_api_find(const char *name)
{
	static const char suffix[] = "_noprof";
	const struct wq_api *api = find(name);
	size_t length;

	if (api || *name != '_')
		return api;
	/* _kzalloc_noprof() of Linux 7.1 gets a token more: slab.h. */
	length = strlen(name);
	if (length <= sizeof(suffix) ||
	    strcmp(name + length - sizeof(suffix) + 1, suffix))
		return NULL;
	return find(name + strspn(name, "_"));
}

bool wq_api_is_macro(const char *name)
{
	static const char *const macros[] = {
		"DECLARE_DEFERRABLE_WORK", "DECLARE_DELAYED_WORK",
		"DECLARE_WORK", "INIT_DEFERRABLE_WORK", "INIT_DELAYED_WORK",
		"INIT_RCU_WORK", "INIT_WORK", "INIT_WORK_ONSTACK",
		"INIT_DELAYED_WORK_ONSTACK", "alloc_ordered_workqueue",
		"alloc_workqueue", "create_freezable_workqueue",
		"create_singlethread_workqueue", "create_workqueue",
		"devm_alloc_ordered_workqueue", "devm_alloc_workqueue",
		"flush_scheduled_work", "flush_workqueue", "mutex_lock",
	};
	size_t i;

	for (i = 0; i < sizeof(macros) / sizeof(*macros); i++)
		if (!strcmp(name, macros[i]))
			return true;
	return false;
}

static const struct wq_system_queue system_queues[] = {
	{ "system_wq", "0", true, false },
	{ "system_percpu_wq", "0", true, true },
	{ "system_highpri_wq", "WQ_HIGHPRI", true, false },
	{ "system_long_wq", "0", true, false },
	{ "system_unbound_wq", "WQ_UNBOUND", false, false },
	{ "system_dfl_wq", "WQ_UNBOUND", false, true },
	{ "system_dfl_long_wq", "WQ_UNBOUND", false, true },
	{ "system_freezable_wq", "WQ_FREEZABLE", true, false },
	{ "system_power_efficient_wq", "WQ_POWER_EFFICIENT", true, false },
	{ "system_freezable_power_efficient_wq",
	  "WQ_FREEZABLE | WQ_POWER_EFFICIENT", true, false },
	{ "system_bh_wq", "WQ_BH", true, false },
	{ "system_bh_highpri_wq", "WQ_BH | WQ_HIGHPRI", true, false },
};

const struct wq_system_queue *wq_system_queue_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(system_queues) / sizeof(*system_queues); i++)
		if (!strcmp(name, system_queues[i].name))
			return &system_queues[i];
	return NULL;
}
