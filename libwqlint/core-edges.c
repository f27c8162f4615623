/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables behind core-edges.h. Only calls that the core makes for the
 * object that it is given, before the function returns. Places are those of
 * Linux 6.1.
 */
#include <stdlib.h>
#include <string.h>

#include "core-edges.h"

#define MAX_SLOTS 4

struct edge {
	const char *function;
	const char *slots[MAX_SLOTS];
};

/* In order of functions. */
static const struct edge edges[] = {
	/* drivers/base/bus.c: the driver is unbound from every device */
	{ "auxiliary_driver_unregister", { "auxiliary_driver.remove" } },
	/* net/wireless/core.c: unregister_netdevice() */
	{ "cfg80211_unregister_netdevice", { "net_device_ops.ndo_stop" } },
	/* drivers/cpufreq/cpufreq.c: subsys_interface_unregister() */
	{ "cpufreq_unregister_driver", { "cpufreq_driver.exit" } },
	/* net/core/dev.c: __dev_close_many() */
	{ "dev_close", { "net_device_ops.ndo_stop" } },
	/* net/bluetooth/hci_core.c, hci_sync.c: hci_dev_close_sync() */
	{ "hci_unregister_dev", { "hci_dev.shutdown", "hci_dev.flush",
				  "hci_dev.close" } },
	/* drivers/hid/hid-core.c */
	{ "hid_hw_close", { "hid_ll_driver.close" } },
	{ "hid_hw_stop", { "hid_ll_driver.stop" } },
	{ "hid_unregister_driver", { "hid_driver.remove" } },
	{ "i2c_del_driver", { "i2c_driver.remove" } },
	/* net/mac80211/main.c: unregister_netdev() of each interface */
	{ "ieee80211_unregister_hw", { "ieee80211_ops.remove_interface",
				       "ieee80211_ops.stop" } },
	/* drivers/input/input.c: input_disconnect_device(), dev->close() */
	{ "input_unregister_device", { "input_dev.close" } },
	/* drivers/input/input.c: input_unregister_handler() */
	{ "input_unregister_handler", { "input_handler.disconnect" } },
	/* drivers/mmc/core/bus.c */
	{ "mmc_unregister_driver", { "mmc_driver.remove" } },
	/* net/nfc/nci/core.c: nci_close_device() */
	{ "nci_unregister_device", { "nci_ops.close" } },
	/* net/nfc/core.c: nfc_dev_down() */
	{ "nfc_unregister_device", { "nfc_ops.dev_down" } },
	{ "pci_unregister_driver", { "pci_driver.remove" } },
	{ "platform_driver_unregister", { "platform_driver.remove",
					  "platform_driver.remove_new" } },
	/* drivers/media/rc/rc-main.c: rc_close() through input */
	{ "rc_unregister_device", { "rc_dev.close" } },
	/* drivers/scsi/scsi_sysfs.c: __scsi_remove_device() */
	{ "scsi_remove_host", { "scsi_host_template.slave_destroy" } },
	{ "sdio_unregister_driver", { "sdio_driver.remove" } },
	/* sound/core/device.c: snd_device_free_all() */
	{ "snd_card_free", { "snd_device_ops.dev_disconnect",
			     "snd_device_ops.dev_free" } },
	{ "snd_card_free_when_closed", { "snd_device_ops.dev_disconnect" } },
	/* drivers/spi/spi.c: spi_unregister_driver() is driver_unregister() */
	{ "spi_unregister_driver", { "spi_driver.remove" } },
	/* drivers/tty/serial/serial_core.c: tty_port_tty_vhangup() */
	{ "uart_remove_one_port", { "uart_ops.shutdown" } },
	/* drivers/net/can/dev/dev.c: unregister_netdev() */
	{ "unregister_candev", { "net_device_ops.ndo_stop" } },
	/* net/core/dev.c: dev_close_many(), ndo_uninit(), priv_destructor() */
	{ "unregister_netdev", { "net_device_ops.ndo_stop",
				 "net_device_ops.ndo_uninit",
				 "net_device.priv_destructor" } },
	{ "unregister_netdevice_many", { "net_device_ops.ndo_stop",
					 "net_device_ops.ndo_uninit" } },
	{ "unregister_netdevice_queue", { "net_device_ops.ndo_stop",
					  "net_device_ops.ndo_uninit" } },
	{ "unregister_virtio_driver", { "virtio_driver.remove" } },
	/* drivers/usb/gadget/udc/core.c: usb_gadget_remove_driver() */
	{ "usb_del_gadget_udc", { "usb_gadget_ops.udc_stop" } },
	/* drivers/usb/core/driver.c: usb_unbind_interface() */
	{ "usb_deregister", { "usb_driver.disconnect" } },
	{ "usb_serial_deregister_drivers", { "usb_serial_driver.disconnect",
					     "usb_serial_driver.release" } },
	/* drivers/media/common/videobuf2: __vb2_queue_cancel() */
	{ "vb2_queue_release", { "vb2_ops.stop_streaming" } },
};

static int compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct edge *)row)->function);
}

/*
 * Almost every name that is asked about is not in the table: which first two
 * letters are there?
 */
static bool may_be_there(const char *name)
{
	static bool beginnings[256], are_known;
	size_t i;

	for (i = 0; !are_known && i < sizeof(edges) / sizeof(*edges); i++)
		beginnings[(unsigned char)(edges[i].function[0] * 31 +
					   edges[i].function[1])] = true;
	are_known = true;
	return *name && beginnings[(unsigned char)(name[0] * 31 + name[1])];
}

const char *wq_core_edge(const char *name, unsigned int number)
{
	const struct edge *edge;

	if (!may_be_there(name))
		return NULL;
	edge = bsearch(name, edges, sizeof(edges) / sizeof(*edges),
		       sizeof(*edges), compare);
	return edge && number < MAX_SLOTS ? edge->slots[number] : NULL;
}

bool wq_core_flushes(const char *name)
{
	static const char *const names[] = {
		/* net/core/dev.c: flush_all_backlogs(), system_highpri_wq */
		"cfg80211_unregister_netdevice", "ieee80211_unregister_hw",
		"unregister_candev", "unregister_netdev",
		"unregister_netdevice_many", "unregister_netdevice_queue",
		/* drivers/net/phy/phylink.c: pl->resolve */
		"phylink_disconnect_phy", "phylink_stop", "phylink_suspend",
		/* drivers/leds/led-class.c: led_cdev->set_brightness_work */
		"led_classdev_suspend", "led_classdev_unregister",
		/* drivers/usb/gadget/udc/core.c: gadget->work */
		"usb_del_gadget", "usb_del_gadget_udc",
		/* drivers/base/dd.c: deferred_probe_work */
		"wait_for_device_probe",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}
