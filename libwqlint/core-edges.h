/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of a core of the kernel that come back to the driver: a function
 * with which the driver lets go of what it registered, and the members of its
 * ops tables that the core then calls. Often that is where a driver waits
 * for its work items.
 */
#ifndef WQ_CORE_EDGES_H
#define WQ_CORE_EDGES_H

#include "program.h"

/*
 * The ops slots ("net_device_ops.ndo_stop") that the core's function @name
 * calls, one for each @number from 0; NULL when there are no more.
 */
const char *wq_core_edge(const char *name, unsigned int number);

/*
 * Does the core's function @name wait for a work item that may be on a shared
 * queue, with flush_work()? Cancelling is no wait here.
 */
bool wq_core_flushes(const char *name);

#endif
