#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# wqlint fix: an item in each element of an array is waited for in a loop, in
# the bounds of the loop that binds the items; where the code does not show
# bounds that hold, there is no patch.

# shellcheck source=tests/fix-lib.sh
. "${srcdir:-.}/tests/fix-lib.sh"

# port_module [BIND [REMOVE [BEFORE [PROBE]]]]: a driver with a work item per
# port. PROBE comes before BIND, which binds the items.
port_module() {
	local bind='for (i = 0; i < ARRAY_SIZE(dev->ports); i++)
		INIT_WORK(&dev->ports[i].work, port_work);'

	cat >"$work/no.c" <<END
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define NR_PORTS	4

struct port {
	struct work_struct work;
	struct delayed_work late;
	int number;
};

struct port_device {
	struct port ports[NR_PORTS], others[NR_PORTS], *more, *pointers[NR_PORTS];
	int nr, irq;
	spinlock_t lock;
};

void touch(struct port *port);
int port_ready(struct port_device *dev);
void port_name(struct port_device *dev);
$3
static void port_work(struct work_struct *work)
{
	touch(container_of(work, struct port, work));
}

static void port_late(struct work_struct *work)
{
	touch(container_of(work, struct port, late.work));
}

static irqreturn_t port_irq(int irq, void *data)
{
	struct port_device *dev = data;

	QUEUE
	return IRQ_HANDLED;
}

static int port_probe(struct platform_device *pdev)
{
	struct port_device *dev;
	struct port *port;
	int i, ret;

	(void)port;
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	spin_lock_init(&dev->lock);
	$4
	${1:-$bind}
	ret = request_irq(5, port_irq, 0, "port", dev);
	if (ret)
		goto err_free;
	platform_set_drvdata(pdev, dev);
	return 0;
err_free:
	kfree(dev);
	return ret;
}

static int port_remove(struct platform_device *pdev)
{
	struct port_device *dev = platform_get_drvdata(pdev);
	${2:-free_irq(5, dev);
	kfree(dev);}
	return 0;
}

static struct platform_driver port_driver = {
	.probe = port_probe,
	.remove = port_remove,
};
module_platform_driver(port_driver);
END
	queue 'schedule_work(&dev->ports[irq].work);'
	database no.c no
}

# queue STATEMENT: what the interrupt does.
queue() {
	sed -i "s/^	QUEUE\$/	${1//&/\\&}/" "$work/no.c"
}

# array_of MEMBER: it is another array, also where the interrupt queues.
array_of() {
	sed -i "s/&dev->ports\[irq\]/\&dev->$1[irq]/" "$work/no.c"
}

# file_module BIND [EXIT]: the items of an array at file scope.
file_module() {
	cat >"$work/no.c" <<END
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#define NR_UNITS	3

struct unit {
	struct work_struct work;
	int number;
};

void touch(struct work_struct *work);

static struct work_struct works[NR_UNITS];
static struct unit units[NR_UNITS];

static void unit_work(struct work_struct *work)
{
	touch(work);
}

static irqreturn_t unit_irq(int irq, void *data)
{
	schedule_work(&works[irq]);
	return IRQ_HANDLED;
}

static int __init unit_init(void)
{
	unsigned int n;

	$1
	return request_irq(5, unit_irq, 0, "unit", units);
}

static void __exit unit_exit(void)
{
	${2:-free_irq(5, units);}
}

module_init(unit_init);
module_exit(unit_exit);
END
	database no.c no
}

at_file_scope() {
	file_module 'for (n = 0; n < NR_UNITS; n++)
		INIT_WORK(&works[n], unit_work);'
	fixed '[{][|]\+ *unsigned int n;[|]\+[|] +free_irq\(5, units\);[|]\+ for \(n = 0; n < NR_UNITS; n\+\+\)[|]\+  cancel_work_sync\(&works\[n\]\);[|] [}]'
	file_module 'for (n = 0; n < ARRAY_SIZE(units); ++n) {
		struct unit *unit = &units[n];

		unit->number = n;
		INIT_WORK(&unit->work, unit_work);
	}'
	sed -i 's/&works\[irq\]/\&units[irq].work/' "$work/no.c"
	fixed '\+ for \(n = 0; n < ARRAY_SIZE\(units\); n\+\+\)[|]\+  cancel_work_sync\(&units\[n\]\.work\);'
}

in_object() {
	port_module
	"$WQLINT" run -p "$work/db.json" --fail-level=never >"$tmp/out"
	expect_text "$tmp/out" 'cancel_work_sync\(\) struct port_device.ports.work, in a loop over the elements, after the last' 1
	fixed 'platform_get_drvdata\(pdev\);[|]\+ int i;[|] +free_irq\(5, dev\);[|]\+ for \(i = 0; i < ARRAY_SIZE\(dev->ports\); i\+\+\)[|]\+  cancel_work_sync\(&dev->ports\[i\]\.work\);[|]  kfree\(dev\);'
	# by a pointer to the element
	port_module 'for (i = 0; i < NR_PORTS; i++) {
		port = &dev->ports[i];
		port->number = i;
		INIT_WORK(&port->work, port_work);
	}'
	fixed '\+ for \(i = 0; i < NR_PORTS; i\+\+\)[|]\+  cancel_work_sync\(&dev->ports\[i\]\.work\);'
	# delayed work, and in a function of its own
	port_module 'ret = port_setup(dev);
	if (ret)
		goto err_free;' '' 'static int port_setup(struct port_device *port_device);'
	sed -i '/^static int port_probe/i static int port_setup(struct port_device *own)\n{\n	int number;\n\n	for (number = 0; number < NR_PORTS; number++)\n		INIT_DELAYED_WORK(\&own->ports[number].late, port_late);\n	return port_ready(own);\n}\n
		s/schedule_work(&dev->ports\[irq\].work)/schedule_delayed_work(\&dev->ports[irq].late, 5)/' "$work/no.c"
	fixed '\+ int number;[|].*\+ for \(number = 0; number < NR_PORTS; number\+\+\)[|]\+  cancel_delayed_work_sync\(&dev->ports\[number\]\.late\);'
}

probe_more='dev->nr = dev->irq + 2;
	dev->more = kcalloc(dev->nr, sizeof(*dev->more), GFP_KERNEL);
	if (!dev->more) {
		ret = -ENOMEM;
		goto err_free;
	}'
bind_more='for (i = 0; i < dev->nr; i++)
		INIT_WORK(&dev->more[i].work, port_work);'
remove_more='free_irq(5, dev);
	kfree(dev->more);
	kfree(dev);'

allocated() {
	port_module "$bind_more" "$remove_more" '' "$probe_more"
	array_of more
	fixed '\+ int i;[|].*\+ for \(i = 0; i < dev->nr; i\+\+\)[|]\+  cancel_work_sync\(&dev->more\[i\]\.work\);[|]  kfree\(dev->more\);'
	# before the loop that frees what the elements have
	port_module "$bind_more" 'int j;

	free_irq(5, dev);
	for (j = 0; j != dev->nr; j++)
		kfree(dev->more[j].buffer);
	kfree(dev->more);
	kfree(dev);' '' "$probe_more"
	array_of more
	sed -i 's/^	int number;/&\n	void *buffer;/' "$work/no.c"
	fixed '\+ for \(j = 0; j < dev->nr; j\+\+\)[|]\+  cancel_work_sync\(&dev->more\[j\]\.work\);[|]  for \(j = 0; j != dev->nr; j\+\+\)[|]   kfree'
	# the member is written elsewhere, too
	port_module "$bind_more" "$remove_more" 'void port_grow(struct port_device *dev);
void port_grow(struct port_device *dev)
{
	dev->nr++;
}' "$probe_more"
	array_of more
	not_fixed 'nr may change here, after the loop'
	# but that of another struct is another one
	port_module "$bind_more" "$remove_more" 'struct grown {
	int nr;
};
void port_grow(struct grown *grown);
void port_grow(struct grown *grown)
{
	grown->nr++;
}' "$probe_more"
	array_of more
	fixed 'i < dev->nr; i\+\+\)[|]\+  cancel_work_sync\(&dev->more\[i\]\.work\);'
	# that it is a part of is written
	port_module "${bind_more/dev->nr/dev->conf.count}" "$remove_more" \
		'void port_configure(struct port_device *dev, struct port_conf *conf);
void port_configure(struct port_device *dev, struct port_conf *conf)
{
	dev->conf = *conf;
}' "$probe_more
	dev->conf.count = dev->nr;"
	array_of more
	sed -i 's/^struct port_device {/struct port_conf {\n	int count;\n};\n\n&\n	struct port_conf conf;/' "$work/no.c"
	not_fixed 'conf may change here, after the loop'
	# there may be none
	port_module "$bind_more" 'free_irq(5, dev);
	if (dev->more)
		touch(dev->more);
	kfree(dev->more);
	kfree(dev);' '' "$probe_more"
	array_of more
	not_fixed 'dev->more may be NULL in port_remove\(\)'
	# a local variable is gone
	port_module 'for (i = 0; i < ret; i++)
		INIT_WORK(&dev->more[i].work, port_work);' "$remove_more" '' "$probe_more
	ret = dev->nr;"
	array_of more
	not_fixed 'the bound ret of the loop .* is no constant'
	# the bound is what another module makes it
	port_module 'for (i = 0; i < dev->irq; i++)
		INIT_WORK(&dev->more[i].work, port_work);' "$remove_more" '' "$probe_more"
	array_of more
	not_fixed 'where irq gets its value is not seen'
}

variables() {
	# one that counts already
	port_module '' 'int i;

	free_irq(5, dev);
	for (i = 0; i < NR_PORTS; i++)
		touch(&dev->others[i]);
	kfree(dev);'
	fixed ' free_irq\(5, dev\);[|]  for \(i = 0; i < NR_PORTS; i\+\+\)[|]   touch.*[|]\+ for \(i = 0; i < ARRAY_SIZE\(dev->ports\); i\+\+\)[|]\+  cancel'
	expect_no_text "$tmp/patch" '^\+	int'
	# the name is another variable's, which is still needed
	port_module '' 'int i = dev->nr;

	free_irq(5, dev);
	touch(&dev->others[i]);
	kfree(dev);'
	fixed '\+ int j;[|].*\+ for \(j = 0; j < ARRAY_SIZE\(dev->ports\); j\+\+\)'
}

# Two loops in one function that count with a variable of the same name.
two_loops() {
	local bind='for (i = 0; i < NR_PORTS; i++)
		INIT_WORK(&dev->ports[i].work, port_work);
	port_more(dev);'

	port_module "$bind"
	sed -i 's/^static int port_probe/static void port_more(struct port_device *dev)\n{\n	TYPE i;\n\n	for (i = 0; i < NR_PORTS; i++)\n		INIT_DELAYED_WORK(\&dev->others[i].late, port_late);\n}\n\n&/' "$work/no.c"
	sed -i 's/^	schedule_work.*/&\n	schedule_delayed_work(\&dev->others[irq].late, 5);/' "$work/no.c"
	cp "$work/no.c" "$tmp/two.c"
	sed -i 's/TYPE/int/' "$work/no.c"
	nr_proved=0
	proved no
	expect_equal "$nr_proved" 2 "number of fixed findings"
	expect_text "$tmp/patch" '^\+	int i;$' 1
	# not of two types at once: the second finding is for the next time
	sed 's/TYPE/unsigned int/' "$tmp/two.c" >"$work/no.c"
	nr_proved=0
	proved no
	expect_equal "$nr_proved" 1 "number of fixed findings"
}

all_but_some() {
	port_module 'for (i = 1; i < NR_PORTS; i++)
		INIT_WORK(&dev->ports[i].work, port_work);'
	not_fixed 'does not count from 0'
	port_module 'for (i = 0; i < NR_PORTS; i += 2)
		INIT_WORK(&dev->ports[i].work, port_work);'
	not_fixed 'does not go on by 1'
	port_module 'for (i = 0; i < NR_PORTS; i++) {
		INIT_WORK(&dev->ports[i].work, port_work);
		if (port_ready(dev))
			break;
	}'
	not_fixed 'the loop may end before the items of all'
	port_module 'for (i = 0; i < NR_PORTS; i++) {
		if (i == dev->nr)
			continue;
		INIT_WORK(&dev->ports[i].work, port_work);
	}'
	not_fixed 'the loop may end before the items of all'
	port_module 'for (i = 0; i < NR_PORTS; i++)
		if (dev->others[i].number)
			INIT_WORK(&dev->ports[i].work, port_work);'
	not_fixed 'no plain loop binds each of them'
	port_module 'if (dev->nr) {
		for (i = 0; i < NR_PORTS; i++)
			INIT_WORK(&dev->ports[i].work, port_work);
	}'
	not_fixed 'depends on a condition'
	port_module '' '' '' 'if (dev->nr)
		return 0;'
	not_fixed 'port_probe\(\) may end well here'
	port_module 'for (i = 0; i < NR_PORTS; i++)
		INIT_WORK(&dev->ports[dev->nr].work, port_work);'
	not_fixed 'no plain loop binds each of them'
	port_module 'INIT_WORK(&dev->ports[dev->nr].work, port_work);'
	not_fixed 'no plain loop binds each of them'
	port_module 'for (i = 0; i < ARRAY_SIZE(dev->others); i++)
		INIT_WORK(&dev->ports[i].work, port_work);'
	not_fixed 'the bound ARRAY_SIZE\(dev->others\)'
}

# Who calls the function that has the loop.
not_once() {
	local setup='static void port_setup(struct port_device *dev)\n{\n	int i;\n\n	for (i = 0; i < NR_PORTS; i++)\n		INIT_WORK(\&dev->ports[i].work, port_work);\n}\n'

	port_module 'port_setup(dev);'
	sed -i "s/^static int port_probe/$setup\n&/" "$work/no.c"
	fixed '\+ for \(i = 0; i < NR_PORTS; i\+\+\)[|]\+  cancel_work_sync'
	port_module 'for (i = 0; i < dev->nr; i++)
		port_setup(dev);'
	sed -i "s/^static int port_probe/$setup\n&/" "$work/no.c"
	not_fixed 'port_setup\(\) binds the items of an array, and is not seen to run once'
	port_module 'if (dev->nr)
		port_setup(dev);'
	sed -i "s/^static int port_probe/$setup\n&/" "$work/no.c"
	not_fixed 'port_setup\(\) binds the items of an array, and is not seen to run once'
	# a core calls it, at any time
	port_module 'port_name(dev);'
	sed -i "s/^static int port_probe/$setup\nstruct port_ops {\n	void (*open)(struct port_device *dev);\n};\nstruct port_ops port_ops = {\n	.open = port_setup,\n};\n\n&/" "$work/no.c"
	not_fixed 'port_setup\(\) binds the items of an array, and is not seen to run once'
	# some elements here, the others there
	port_module '' '' 'void port_again(struct port_device *dev);'
	sed -i "s/^static int port_probe/${setup//static void port_setup/void port_again}\n&/" "$work/no.c"
	not_fixed 'is an element of an array, and is bound in several places'
}

# two_files BOUND: the items are bound in one, and waited for in the other.
two_files() {
	mkdir -p "$work/two"
	cat >"$work/two/two.h" <<'END'
#include <linux/workqueue.h>

enum { two_main, two_spare, nr_two };

struct two_part {
	struct work_struct work;
};

struct two {
	struct two_part parts[nr_two];
};

int two_setup(struct two *two);
void touch(struct work_struct *work);
END
	cat >"$work/two/setup.c" <<END
#include <linux/interrupt.h>
#include "two.h"

#define HERE	2

static void two_work(struct work_struct *work)
{
	touch(work);
}

static irqreturn_t two_irq(int irq, void *data)
{
	struct two *two = data;

	schedule_work(&two->parts[irq].work);
	return IRQ_HANDLED;
}

int two_setup(struct two *two)
{
	unsigned int u;

	for (u = 0; u < $1; u++)
		INIT_WORK(&two->parts[u].work, two_work);
	return request_irq(5, two_irq, 0, "two", two);
}
END
	cat >"$work/two/main.c" <<'END'
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "two.h"

static int two_probe(struct platform_device *pdev)
{
	struct two *two;
	int ret;

	two = kzalloc(sizeof(*two), GFP_KERNEL);
	if (!two)
		return -ENOMEM;
	ret = two_setup(two);
	if (ret) {
		kfree(two);
		return ret;
	}
	platform_set_drvdata(pdev, two);
	return 0;
}

static int two_remove(struct platform_device *pdev)
{
	struct two *gone = platform_get_drvdata(pdev);

	free_irq(5, gone);
	kfree(gone);
	return 0;
}

static struct platform_driver two_driver = {
	.probe = two_probe,
	.remove = two_remove,
};
module_platform_driver(two_driver);
END
	{ entry two/setup.c two; entry two/main.c two; } | jq -s . >"$work/db.json"
}

in_two_files() {
	two_files nr_two
	nr_proved=0
	proved two
	expect_equal "$nr_proved" 1 "number of fixed findings"
	expect_text "$tmp/patch" '^\+	for \(u = 0; u < nr_two; u\+\+\)$' 1
	expect_text "$tmp/patch" '^\+		cancel_work_sync\(&gone->parts\[u\]\.work\);$' 1
	two_files HERE
	not_fixed 'HERE is not seen to be known in two/main.c'
	two_files nr_others
	sed -i 's/^void touch/extern int nr_others;\n&/' "$work/two/two.h"
	not_fixed 'the bound nr_others of the loop'
}

# What fails half way takes the same function to clean up.
half_way() {
	local bind='for (i = 0; i < NR_PORTS; i++) {
		ret = port_ready(dev);
		if (ret)
			goto err_free;
		INIT_WORK(&dev->ports[i].work, port_work);
	}'

	port_module "$bind"
	fixed '\+ for \(i = 0; i < NR_PORTS; i\+\+\)[|]\+  cancel_work_sync'
	port_module "$bind" 'free_irq(5, dev);
	port_free(dev);' 'static void port_free(struct port_device *dev)
{
	port_name(dev);
	kfree(dev);
}'
	sed -i '/^err_free:/,/kfree/s/kfree(dev)/port_free(dev)/' "$work/no.c"
	not_fixed 'port_probe\(\) leads to port_free\(\), and perhaps before'
}

under_a_lock() {
	port_module "$bind_more" 'free_irq(5, dev);
	spin_lock(&dev->lock);
	kfree(dev->more);
	spin_unlock(&dev->lock);
	kfree(dev);' '' "$probe_more"
	array_of more
	not_fixed 'a spinlock may be held here'
}

pointers() {
	port_module 'for (i = 0; i < NR_PORTS; i++) {
		port = dev->pointers[i];
		INIT_WORK(&port->work, port_work);
	}'
	sed -i 's/&dev->ports\[irq\].work/\&dev->pointers[irq]->work/' "$work/no.c"
	fix
	expect_no_text "$tmp/patch" 'cancel'
}

# Step 0 for a flush of a shared queue.
flushed() {
	local text='Step 0: wait only for what this module queues there: for \(n = 0; n < NR_UNITS; n\+\+\) flush_work\(&works\[n\]\);'

	file_module 'for (n = 0; n < NR_UNITS; n++)
		INIT_WORK(&works[n], unit_work);' 'free_irq(5, units);
	flush_scheduled_work();'
	"$WQLINT" run -p "$work/db.json" --fail-level=never >"$tmp/out"
	expect_text "$tmp/out" "$text" 1
	(cd "$work" && compile -O2 "-fplugin=$WQLINT_PLUGIN" -UKBUILD_MODNAME \
		'-DKBUILD_MODNAME="no"' -UKBUILD_BASENAME \
		'-DKBUILD_BASENAME="no"' -fdiagnostics-generate-patch -c \
		-o /dev/null no.c)
	expect_text "$tmp/err" "$text" 1
	expect_no_text "$tmp/err" '^\+'
	fixed '\+ unsigned int n;[|]\+[|] +free_irq\(5, units\);[|]- flush_scheduled_work\(\);[|]\+ for \(n = 0; n < NR_UNITS; n\+\+\)[|]\+  flush_work\(&works\[n\]\);[|] [}]'
	fix --cancel
	expect_text "$tmp/patch" '^\+		cancel_work_sync\(&works\[n\]\);' 1
	# a loop is no statement that an if without braces can have twice
	file_module 'for (n = 0; n < NR_UNITS; n++)
		INIT_WORK(&works[n], unit_work);' 'free_irq(5, units);
	if (units[0].number)
		flush_scheduled_work();'
	fix --step0
	expect_no_text "$tmp/patch" '^-	|flush_work'
	# without bounds, an own queue
	file_module 'for (n = 1; n < NR_UNITS; n++)
		INIT_WORK(&works[n], unit_work);' 'free_irq(5, units);
	flush_scheduled_work();'
	fixed '\+ flush_workqueue\(no_wq\);'
	# the place may come before the loop
	file_module 'unit_stop();
	for (n = 0; n < NR_UNITS; n++)
		INIT_WORK(&works[n], unit_work);' 'free_irq(5, units);
	unit_stop();'
	sed -i 's/^static int __init/static void unit_stop(void)\n{\n	flush_scheduled_work();\n}\n\n&/' "$work/no.c"
	fix --step0
	expect_equal "$(cat "$tmp/patch")" "" "patch"
}

# In the loop that waits for a sibling.
siblings() {
	local bind='for (i = 0; i < NR_PORTS; i++) {
		INIT_WORK(&dev->ports[i].work, port_work);
		INIT_DELAYED_WORK(&dev->ports[i].late, port_late);
	}'
	local remove='int i;

	free_irq(5, dev);
	for (i = 0; i < dev->nr; i++) {
		cancel_delayed_work_sync(&dev->ports[i].late);
		touch(&dev->others[i]);
	}
	kfree(dev);'

	port_module "$bind" "$remove"
	queue_late
	fixed '\+  cancel_work_sync\(&dev->ports\[i\]\.work\);[|]   cancel_delayed'
	# no braces: a loop of its own
	port_module "$bind" 'int i;

	free_irq(5, dev);
	for (i = 0; i < dev->nr; i++)
		cancel_delayed_work_sync(&dev->ports[i].late);
	kfree(dev);'
	queue_late
	fixed '\+ for \(i = 0; i < NR_PORTS; i\+\+\)[|]\+  cancel_work_sync\(&dev->ports\[i\]\.work\);'
	# that of one element is no wait for all
	port_module "$bind" "${remove/ports\[i\].late/ports[0].late}"
	queue_late
	fixed '\+ for \(i = 0; i < NR_PORTS; i\+\+\)[|]\+  cancel_work_sync\(&dev->ports\[i\]\.work\);'
	# and not every element has both
	port_module "${bind/INIT_WORK/if (i)
			INIT_WORK}" "$remove"
	queue_late
	not_fixed 'no plain loop binds each of them'
}

queue_late() {
	sed -i 's/^	schedule_work.*/&\n	schedule_delayed_work(\&dev->ports[irq].late, 5);/' "$work/no.c"
}

test_that "an array at file scope" at_file_scope
test_that "an array in an object" in_object
test_that "an array with memory of its own" allocated
test_that "an array that two files know" in_two_files
test_that "a variable to count with" variables
test_that "two loops with one variable" two_loops
test_that "not when the loop may leave elements out" all_but_some
test_that "not when the loop may not run, or again" not_once
test_that "not when only a part may be bound" half_way
test_that "the flush of a shared queue" flushed
test_that "beside a sibling in a loop" siblings
test_that "not under a lock" under_a_lock
test_that "not for pointers to elements" pointers
tap_end
