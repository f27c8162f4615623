# SPDX-License-Identifier: GPL-3.0-or-later
#
# The plugin for one more compiler, from a source tree or from the sources
# that make install leaves in $(datadir)/wqlint/src:
#
#	make -f SRC/plugin/plugin.mk SRC=DIR OUT=DIR VERSION=N TARGET_GCC=CMD
#
#	SRC		top of the sources
#	OUT		where objects and wqlint.so go
#	VERSION		of wqlint
#	TARGET_GCC	the compiler that will load the plugin
#	CC, CXX		the compilers of this machine, which build it
#	PLUGIN_SOURCES, LIBRARY_SOURCES	below SRC [all there are]
#	LIBRARY		a library made of LIBRARY_SOURCES before, if there is one
#	GENERATED	the directory of rule-table.def [SRC/libwqlint]
include $(SRC)/plugin/flags.mk

CFLAGS = -O2 -g
CXXFLAGS = -O2 -g
GENERATED = $(SRC)/libwqlint
PLUGIN_SOURCES = $(patsubst $(SRC)/%,%,$(wildcard $(SRC)/plugin/*.cc))
LIBRARY_SOURCES = $(patsubst $(SRC)/%,%,$(wildcard $(SRC)/libwqlint/*.c))
headers := $(shell $(TARGET_GCC) -print-file-name=plugin)/include

plugin_objects = $(patsubst %.cc,$(OUT)/%.o,$(filter %.cc,$(PLUGIN_SOURCES)))
ifeq ($(LIBRARY),)
library_objects = $(patsubst %.c,$(OUT)/%.o,$(filter %.c,$(LIBRARY_SOURCES)))
endif
flags = -I$(SRC)/libwqlint -I$(GENERATED) -DWQLINT_VERSION='"$(VERSION)"' -MMD -MP

$(OUT)/wqlint.so: $(plugin_objects) $(library_objects) $(LIBRARY)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) $(wq_plugin_ldflags) -o $@.tmp $^
	mv $@.tmp $@

# another configuration may mean other headers
$(plugin_objects) $(library_objects): $(MAKEFILE_LIST) $(CONFIGURATION)

$(OUT)/%.o: $(SRC)/%.cc
	@mkdir -p $(@D)
	$(CXX) $(flags) -isystem $(headers) $(CXXFLAGS) $(wq_plugin_cxxflags) -c -o $@ $<

$(OUT)/%.o: $(SRC)/%.c
	@mkdir -p $(@D)
	$(CC) $(flags) $(CFLAGS) -std=gnu11 -fPIC -fvisibility=hidden -c -o $@ $<

-include $(plugin_objects:.o=.d) $(library_objects:.o=.d)
