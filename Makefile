# SPDX-License-Identifier: GPL-2.0-only
#
# People's targets; Kbuild has the module's.

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
DESTDIR ?=
PREFIX ?= /usr/local
INSTALL ?= install

# A service or a bare chroot may have none.
ifndef HOME
export HOME := $(shell getent passwd "$$(id -u)" | cut -d: -f6)
endif

VERSION := $(shell sed -n 's/^.define ICMPGUARD_VERSION "\(.*\)"/\1/p' kmod/version.h)
DKMS := $(shell PATH="$$PATH:/usr/sbin" command -v dkms)
dkms_source := $(DESTDIR)/usr/src/icmpguard-$(VERSION)
sbin := $(DESTDIR)$(PREFIX)/sbin
man := $(DESTDIR)$(PREFIX)/share/man
libexec := $(DESTDIR)$(PREFIX)/libexec/icmpguard
# Where the service manager and the shells look; packages say it otherwise.
UNITDIR ?= $(PREFIX)/lib/systemd/system
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions

zsh := $(firstword $(wildcard userspace/completion/*.zsh userspace/completion/_icmpguardctl))

# The operator's own files, as FILE:PLACE: never overwritten, and removed only
# as they were installed.
etc := icmpguard.conf:icmpguard/icmpguard.conf \
	modprobe.conf:modprobe.d/icmpguard.conf \
	modules-load.conf:modules-load.d/icmpguard.conf

# The service's own; the others are the fleet's.
units := icmpguard.service icmpguard-unload.service icmpguard-xdp@.service
udev := 90-icmpguard.rules

.PHONY: all tool modules check check-all demo bench series deb install install-tool install-service \
	install-module install-dkms install-dkms-source install-plain uninstall load unload \
	style sparse clean help

# The tool first: it builds also where no kernel headers are.
all:
	@$(MAKE) --no-print-directory tool
	@$(MAKE) --no-print-directory modules

tool:
	@command -v $(firstword $(CC)) >/dev/null && $${PKG_CONFIG:-pkg-config} --exists libmnl jansson || \
		{ echo "The compiler, pkg-config, libmnl-dev or libjansson-dev is missing: selftests/setup.sh tool" \
		"installs them as root, and otherwise lists them" >&2; exit 1; }
	$(MAKE) -C userspace

modules:
	@case "$(CURDIR)" in *[[:space:]]*) \
		echo "The kernel's build system can't build in $(CURDIR), because of the space;" \
		"make tool, make deb and make install with DKMS can" >&2; exit 1 ;; esac
	@[ -e "$(KDIR)/Makefile" ] || \
		{ echo "The module needs kernel headers, and $(KDIR) has none: install" \
		"linux-headers-$(KVER), or name another kernel's with make KDIR=DIRECTORY" >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules

check:
	@selftests/run.sh check

check-all:
	@selftests/run.sh all

demo:
	@selftests/demo/demo.sh

bench:
	@selftests/bench/bench.sh

# Patches for the tree of Linux 7.3
series:
	@selftests/series/series.sh build/patches

# Packages for Debian, in build/deb
deb:
	@selftests/setup.sh deb
	@userspace/debian/make.sh build/deb

install: install-tool install-service install-module

install-tool: tool
	$(INSTALL) -D -m 755 userspace/icmpguardctl "$(sbin)/icmpguardctl"
	[ ! -e userspace/icmpguard-import ] || \
		$(INSTALL) -D -m 755 userspace/icmpguard-import "$(libexec)/icmpguard-import"
	[ ! -e userspace/icmpguard-xdp ] || \
		$(INSTALL) -D -m 755 userspace/icmpguard-xdp "$(libexec)/icmpguard-xdp"
	set -e; for page in userspace/man/*.[1-8]; do \
		$(INSTALL) -D -m 644 "$$page" "$(man)/man$${page##*.}/$${page##*/}"; \
	done
	$(INSTALL) -D -m 644 userspace/completion/icmpguardctl.bash "$(DESTDIR)$(BASHDIR)/icmpguardctl"
	$(if $(zsh),$(INSTALL) -D -m 644 $(zsh) "$(DESTDIR)$(ZSHDIR)/_icmpguardctl")

install-service:
	set -e; for unit in $(units); do \
		$(INSTALL) -D -m 644 "userspace/systemd/$$unit" "$(DESTDIR)$(UNITDIR)/$$unit"; \
	done
	$(INSTALL) -D -m 644 userspace/systemd/$(udev) "$(DESTDIR)$(UDEVDIR)/$(udev)"
	set -e; for file in $(etc); do \
		place="$(DESTDIR)/etc/$${file#*:}"; \
		if [ -e "$$place" ]; then echo "$$place is there: it stays as it is"; \
		else $(INSTALL) -D -m 644 "userspace/systemd/$${file%:*}" "$$place"; fi; \
	done
	$(if $(DESTDIR),,[ ! -d /run/systemd/system ] || systemctl daemon-reload)

# DKMS builds the module again for every kernel that comes later.
install-module: $(if $(DKMS),install-dkms,install-plain)

# All but dkms.conf, which packages add by themselves
install-dkms-source:
	rm -rf "$(dkms_source)"
	$(INSTALL) -D -m 644 Kbuild "$(dkms_source)/Kbuild"
	$(INSTALL) -D -m 755 kmod/btf.sh "$(dkms_source)/kmod/btf.sh"
	cd kmod && find . -name '*.[ch]' ! -name '*.mod.c' ! -name xdp_kernel.h \
		-exec $(INSTALL) -D -m 644 '{}' "$(dkms_source)/kmod/{}" ';'

install-dkms: install-dkms-source
	sed 's/#MODULE_VERSION#/$(VERSION)/' userspace/dkms/dkms.conf >"$(dkms_source)/dkms.conf"
ifeq ($(DESTDIR),)
	$(DKMS) remove icmpguard/$(VERSION) --all >/dev/null 2>&1 || true
	$(DKMS) install icmpguard/$(VERSION) -k $(KVER)
endif

# Distributions' headers ask for a signature and keep the key to themselves.
install-plain: modules
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules_install CONFIG_MODULE_SIG_ALL= DEPMOD=true \
		$(if $(DESTDIR),INSTALL_MOD_PATH="$(DESTDIR)")
	$(if $(DESTDIR),,PATH="$$PATH:/usr/sbin:/sbin" depmod $(KVER))

uninstall:
ifeq ($(DESTDIR),)
	$(if $(DKMS),-$(DKMS) remove icmpguard/$(VERSION) --all)
	-[ ! -e "$(UNITDIR)/icmpguard.service" ] || systemctl disable --quiet icmpguard.service
endif
	rm -rf "$(dkms_source)"
	rm -f "$(sbin)/icmpguardctl" "$(DESTDIR)$(BASHDIR)/icmpguardctl" \
		"$(DESTDIR)$(ZSHDIR)/_icmpguardctl" $(units:%="$(DESTDIR)$(UNITDIR)/%") "$(DESTDIR)$(UDEVDIR)/$(udev)"
	rm -f "$(libexec)/icmpguard-import" "$(libexec)/icmpguard-xdp"
	[ ! -d "$(libexec)" ] || rmdir --ignore-fail-on-non-empty "$(libexec)"
	for page in userspace/man/*.[1-8]; do rm -f "$(man)/man$${page##*.}/$${page##*/}"; done
	for file in $(etc); do \
		place="$(DESTDIR)/etc/$${file#*:}"; \
		if cmp -s "userspace/systemd/$${file%:*}" "$$place"; then rm "$$place"; \
		elif [ -e "$$place" ]; then echo "$$place was changed: it stays"; fi; \
	done
	[ ! -d "$(DESTDIR)/etc/icmpguard" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)/etc/icmpguard"
	[ ! -d "$(DESTDIR)/lib/modules" ] || find "$(DESTDIR)/lib/modules/" \( -path '*/updates/icmpguard.ko*' -o -path '*/extra/icmpguard.ko*' \) -delete
	$(if $(DESTDIR),,-PATH="$$PATH:/usr/sbin:/sbin" depmod $(KVER))
	$(if $(DESTDIR),,[ ! -d /run/systemd/system ] || systemctl daemon-reload)

load:
	@[ -f icmpguard.ko ] || { echo "There is no icmpguard.ko: run make first" >&2; exit 1; }
	PATH="$$PATH:/usr/sbin:/sbin" insmod ./icmpguard.ko

unload:
	PATH="$$PATH:/usr/sbin:/sbin" rmmod icmpguard

# What a machine needs that is one of many, and what the machines that look after
# it need: Documentation/fleet.rst
fleet_units = $(DESTDIR)$(UNITDIR)
fleet_files = $(filter-out $(units:%=userspace/systemd/%),$(wildcard userspace/systemd/icmpguard-*))
fleet_libexec = $(DESTDIR)$(PREFIX)/libexec
fleet_share = $(DESTDIR)$(PREFIX)/share/icmpguard
fleet_roles = $(DESTDIR)$(PREFIX)/share/ansible/roles

.PHONY: install-fleet uninstall-fleet
install-fleet:
	set -e; for unit in $(fleet_files); do \
		$(INSTALL) -D -m 644 "$$unit" "$(fleet_units)/$${unit##*/}"; \
	done
	$(INSTALL) -D -m 755 userspace/flowspec/icmpguard-flowspec "$(fleet_libexec)/icmpguard-flowspec"
	$(INSTALL) -D -m 644 userspace/flowspec/icmpguard-flowspec.8 "$(man)/man8/icmpguard-flowspec.8"
	$(INSTALL) -D -m 644 userspace/prometheus/icmpguard.rules.yml "$(fleet_share)/prometheus/icmpguard.rules.yml"
	$(INSTALL) -D -m 644 userspace/grafana/icmpguard.json "$(fleet_share)/grafana/icmpguard.json"
	set -e; for file in site.yml icmpguard.conf; do \
		$(INSTALL) -D -m 644 "userspace/ansible/$$file" "$(fleet_share)/ansible/$$file"; \
	done
	set -e; cd userspace/ansible/roles; find icmpguard -type f \
		-exec $(INSTALL) -D -m 644 '{}' "$(fleet_roles)/{}" ';'
	$(if $(DESTDIR),,[ ! -d /run/systemd/system ] || systemctl daemon-reload)

uninstall-fleet:
	$(if $(DESTDIR),,-[ ! -d /run/systemd/system ] || systemctl disable --quiet --now \
		icmpguard-events.service icmpguard-metrics-http.socket icmpguard-metrics.timer)
	for unit in $(fleet_files); do rm -f "$(fleet_units)/$${unit##*/}"; done
	rm -f "$(fleet_libexec)/icmpguard-flowspec" "$(man)/man8/icmpguard-flowspec.8"
	rm -rf "$(fleet_share)" "$(fleet_roles)/icmpguard"
	$(if $(DESTDIR),,[ ! -d /run/systemd/system ] || systemctl daemon-reload)

style:
	@selftests/check/tree.sh spdx versions circles rows style spec shell man

sparse:
	@selftests/check/tree.sh sparse

# Without the kernel's build system, which may not be there
clean:
	find . -path ./.git -prune -o -type f \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name Module.symvers -o -name modules.order \) -exec rm -f '{}' +
	[ ! -f userspace/Makefile ] || $(MAKE) -C userspace clean
	[ ! -f selftests/Makefile ] || $(MAKE) -C selftests clean
	rm -rf build

help:
	@echo "make             build the module for the running kernel (or KDIR=...) and the tool"
	@echo "make demo        see it work, in a virtual machine; DEMO_SECONDS= bounds it"
	@echo "make check       the main job; TESTS=\"a.sh b.sh\" KERNELS=\"debian-6.1\" narrow it"
	@echo "make check-all   every test in a bounded form; FULL=1 make check: the whole of each"
	@echo "make bench       the cost of a packet, next to xt_hashlimit and nft"
	@echo "make series      patches for the tree of Linux 7.3, in build/patches"
	@echo "make deb         Debian packages, in build/deb"
	@echo "make install     module (by DKMS where it is), tool, service; DESTDIR=, PREFIX="
	@echo "make uninstall   the reverse"
	@echo "make install-fleet   units for metrics and events, FlowSpec; make uninstall-fleet"
	@echo "make load        insmod what was built; make unload: rmmod"
	@echo "make tool, make modules, make style, make sparse, make clean"
