/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

typedef struct spinlock {
	unsigned int raw;
} spinlock_t;

#define DEFINE_SPINLOCK(name) spinlock_t name = { 0 }

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);

#endif
