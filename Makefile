# SPDX-License-Identifier: GPL-2.0
# xdpchain: `make` builds; `sudo make demo`, `test` and `bench` install what is missing and run.

B	?= build
O	:= $(B)/obj
CC	:= $(if $(filter default,$(origin CC)),gcc,$(CC))
CLANG	?= clang
VERSION	:= $(shell cat VERSION)
MULTI	:= $(shell gcc -print-multiarch 2>/dev/null)
PREFIX	?= /usr/local
# Where Debian's Wireshark looks, whatever our prefix.
WSDIR	?= /usr/lib/$(if $(MULTI),$(MULTI)/)wireshark
EXTCAPDIR ?= $(WSDIR)/extcap
PLUGINDIR ?= $(WSDIR)/plugins
UNITDIR	?= $(PREFIX)/lib/systemd/system

PKGS	:= gcc make clang llvm libclang-rt-dev bpftool libbpf-dev libelf-dev zlib1g-dev libpcap-dev libjansson-dev \
	   libcap-dev libseccomp-dev libncurses-dev libcmocka-dev linux-libc-dev \
	   libcyaml-dev libyaml-dev libsystemd-dev libmicrohttpd-dev libcurl4-openssl-dev \
	   iproute2 iputils-ping tcpdump tshark curl ethtool python3 procps util-linux jq man-db xdp-tools \
	   tmux valgrind prometheus iperf3 openssl ipvsadm systemd
VM_PKGS	:= qemu-system-x86 busybox-static cpio kmod xz-utils zstd
FRESH_PKGS := debootstrap slirp4netns git
WARN	:= -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes -Wstrict-prototypes
CFLAGS	?= -O2 -g
SAN	?=
ALL_CFLAGS := -std=gnu11 $(WARN) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DMULTIARCH='"$(MULTI)"' -Iinclude -I. $(CFLAGS) $(SAN)
LIBS	:= -lbpf -lelf -lz -lpcap -ljansson -lcap -lseccomp -lcyaml -lyaml -lsystemd -lmicrohttpd -Wl,--push-state,--as-needed -lcurl -Wl,--pop-state
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Werror -Iinclude -Ibpf \
	   $(if $(MULTI),-I/usr/include/$(MULTI))

BPF_OBJ	:= $(patsubst %.c,$(O)/%.o,$(wildcard bpf/*.bpf.c bpf/policers/*.bpf.c))
LIB_OBJ	:= $(patsubst %.c,$(O)/%.o,$(wildcard lib/*.c)) $(O)/lib/objects.o $(O)/lib/sdk.o
LIB	:= $(O)/libxdpchain.a
TEST_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/*.c))
TEST_BPF := $(patsubst %.c,$(O)/%.o,$(wildcard tests/*/*.bpf.c))
UNIT	:= $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
PROG	:= $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/prog/test_*.c))
BENCH	:= $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/bench/bench_*.c))
FUZZ	:= $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
TOOLS	:= $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/tools/*.c))
NET	:= $(wildcard tests/net/test_*.sh)
VM_NET	= $(shell grep -lE 'topo\.sh|daemon\.sh|unshare' $(NET)) # of a kernel's doing

# A command is a folder: its objects, linked with the library.
cmd_of	= $(patsubst %.c,$(O)/%.o,$(wildcard $(1)/*.c))
CMDS	:= $(if $(wildcard xdpdump/*.c),$(B)/xdpdump) $(if $(wildcard droplet/*.c),$(B)/droplet) \
	   $(if $(wildcard lb/*.c),$(B)/xdplb) $(if $(wildcard viewer/*.c),$(B)/xdpview)

.PHONY: all tests deps vm-deps demo test test-kernels test-fresh check bench fuzz fuzz-run lint clean install uninstall
.SECONDARY:
.DELETE_ON_ERROR:

all: $(CMDS) $(LIB)

tests: all $(UNIT) $(PROG) $(BENCH) $(TOOLS) $(TEST_BPF)

# --- BPF -----------------------------------------------------------------------------------------
$(O)/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@
	@llvm-strip -g $@

# The objects go into the library as they are: the commands need no files at run time.
$(O)/lib/objects.S: $(BPF_OBJ) Makefile
	@mkdir -p $(@D)
	@{ echo '.section .data.rel.ro,"aw"'; echo '.balign 8'; echo '.globl object_table'; \
	   echo 'object_table:'; \
	   for n in $(basename $(basename $(notdir $(BPF_OBJ)))); do \
	     echo ".quad name_$$n, object_$$n, end_$$n - object_$$n"; done; \
	   echo '.quad 0, 0, 0'; echo '.section .rodata'; \
	   for o in $(BPF_OBJ); do n=$$(basename $$o .bpf.o); \
	     echo "name_$$n: .asciz \"$$n\""; echo '.balign 16'; \
	     echo "object_$$n: .incbin \"$$o\""; echo "end_$$n:"; done; \
	   echo '.section .note.GNU-stack,"",@progbits'; } > $@

# So does the SDK as text: clang, started at run time, is given it without a file.
SDK_HDR	:= $(wildcard include/xdpchain/*.h)
$(O)/lib/sdk.S: $(SDK_HDR) droplet/skeleton.in Makefile
	@mkdir -p $(@D)
	@{ n=0; table() { printf '.section .data.rel.ro,"aw"\n.balign 8\n.globl %s\n%s:\n' $$1 $$1; shift; \
	   for f in $$*; do n=$$((n + 1)); \
	     printf '.quad n%s, d%s, e%s - d%s\n.pushsection .rodata\n' $$n $$n $$n $$n; \
	     printf 'n%s: .asciz "%s"\nd%s: .incbin "%s"\ne%s:\n.popsection\n' \
	       $$n $${f##*/} $$n $$f $$n; done; echo '.quad 0, 0, 0'; }; \
	   table sdk_headers $(SDK_HDR); table sdk_skeleton droplet/skeleton.in; \
	   echo '.section .note.GNU-stack,"",@progbits'; } > $@

$(O)/lib/objects.o $(O)/lib/sdk.o: $(O)/lib/%.o: $(O)/lib/%.S
	$(CC) -c $< -o $@

# --- user side -----------------------------------------------------------------------------------
$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/xdpdump: $(call cmd_of,xdpdump) $(LIB)
	$(CC) $(SAN) -o $@ $^ $(LIBS)
$(B)/droplet: $(call cmd_of,droplet) $(LIB)
	$(CC) $(SAN) -o $@ $^ $(LIBS)
$(B)/xdplb: $(call cmd_of,lb) $(LIB)
	$(CC) $(SAN) -o $@ $^ $(LIBS)

$(B)/xdpview: $(call cmd_of,viewer) $(LIB)
	$(CC) $(SAN) -o $@ $^ $(LIBS) -lncursesw -ltinfo -lm

# --- tests ---------------------------------------------------------------------------------------
$(B)/tests/%: $(O)/tests/%.o $(TEST_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(LIBS) -lcmocka

# What a test of the dashboard wants of it.
$(O)/libview.a: $(filter-out %/main.o,$(call cmd_of,viewer))
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/tests/unit/test_view_%: $(O)/tests/unit/test_view_%.o $(TEST_OBJ) $(O)/libview.a $(LIB)
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(LIBS) -lncursesw -ltinfo -lm -lcmocka

$(B)/tests/fuzz/fuzz_view_%: tests/fuzz/fuzz_view_%.c $(TEST_OBJ) $(O)/libview.a $(LIB)
	@mkdir -p $(@D)
	clang $(ALL_CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS) -lncursesw -ltinfo -lm -lcmocka

$(B)/tests/fuzz/%: tests/fuzz/%.c $(TEST_OBJ) $(LIB)
	@mkdir -p $(@D)
	clang $(ALL_CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS) -lcmocka

# Packages that are missing are installed; says nothing when all are there.
deps:
	@miss=; for p in $(PKGS); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || miss="$$miss $$p"; \
	done; \
	if [ -n "$$miss" ]; then echo "installing:$$miss"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends $$miss >/dev/null; fi

# deps may install the very tools that the build is made of, so the build is a make of its own.
test: deps
	@$(MAKE) --no-print-directory tests
	@$(MAKE) --no-print-directory check

check:
	@B=$(B) tests/run $(UNIT) $(PROG) $(NET)

# The same on other kernels: KERNELS="6.1 6.12 newest", unpacked under $XDG_CACHE_HOME or /var/cache.
KERNELS_MD ?= docs/KERNELS.md
vm-deps: PKGS += $(VM_PKGS)
vm-deps: deps
test-kernels: vm-deps
	@$(MAKE) --no-print-directory tests
	@B=$(B) tests/kernels/run $(KERNELS_MD) $(VM_NET) $(PROG)

# On a Debian that has nothing, as the README says; a clone of HEAD, not this tree.
test-fresh: PKGS := $(FRESH_PKGS)
test-fresh: deps
	@tests/fresh/run

demo: deps
	@$(MAKE) --no-print-directory all $(TEST_BPF)
	@B=$(B) KEEP=$(KEEP) tests/demo.sh

bench: PKGS += nftables iptables
bench: deps
	@$(MAKE) --no-print-directory tests
	@B=$(B) tests/bench/run docs/BENCHMARKS.md

# The library too must be instrumented, or the fuzzer is blind: a build of its own.
fuzz: deps
	@$(MAKE) --no-print-directory B=$(B)/fuzz CC=clang \
	  SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" fuzz-run

fuzz-run: $(FUZZ)
	@for f in $(FUZZ); do n=$${f##*/}; echo "$$f"; mkdir -p $(B)/corpus/$$n; \
	  [ ! -x tests/fuzz/$$n.seed ] || tests/fuzz/$$n.seed $(B)/corpus/$$n || exit 1; \
	  $$f $${FUZZ_ARGS:--max_total_time=$${SECONDS_EACH:-60}} -artifact_prefix=$(B)/ $(B)/corpus/$$n \
	    $$(ls -d tests/fuzz/seeds/$$n 2>/dev/null) || exit 1; done

lint:
	clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man7 \
		$(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/doc/xdpchain/examples \
		$(DESTDIR)$(PREFIX)/include/xdpchain
	install -m 755 $(CMDS) $(DESTDIR)$(PREFIX)/sbin
	install -m 644 include/xdpchain/*.h $(DESTDIR)$(PREFIX)/include/xdpchain
	install -m 644 $(wildcard man/*.7) $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 $(wildcard man/*.8) $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 droplet/examples/* $(DESTDIR)$(PREFIX)/share/doc/xdpchain/examples
	install -d $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(UNITDIR) $(DESTDIR)/etc/xdpchain
	install -m 644 $(wildcard man/*.5) $(DESTDIR)$(PREFIX)/share/man/man5
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' packaging/droplet.service.in >$(DESTDIR)$(UNITDIR)/droplet.service
	[ -e $(DESTDIR)/etc/xdpchain/droplet.yaml ] || \
		install -m 644 packaging/droplet.yaml $(DESTDIR)/etc/xdpchain/droplet.yaml
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' packaging/xdplb.service.in >$(DESTDIR)$(UNITDIR)/xdplb.service
	[ -e $(DESTDIR)/etc/xdpchain/xdplb.yaml ] || \
		install -m 644 packaging/xdplb.yaml $(DESTDIR)/etc/xdpchain/xdplb.yaml
	install -d $(DESTDIR)$(EXTCAPDIR) $(DESTDIR)$(PLUGINDIR)
	ln -sf $(PREFIX)/sbin/xdpdump $(DESTDIR)$(EXTCAPDIR)/xdpdump
	install -m 644 wireshark/xdpchain.lua $(DESTDIR)$(PLUGINDIR)

uninstall:
	@# a configuration that somebody has changed is his
	@for f in droplet xdplb; do c=$(DESTDIR)/etc/xdpchain/$$f.yaml; \
		! cmp -s packaging/$$f.yaml $$c || rm -f $$c; done
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/sbin/,$(notdir $(CMDS))) \
		$(addprefix $(DESTDIR)$(PREFIX)/share/man/man7/,$(notdir $(wildcard man/*.7))) \
		$(addprefix $(DESTDIR)$(PREFIX)/share/man/man8/,$(notdir $(wildcard man/*.8))) \
		$(addprefix $(DESTDIR)$(PREFIX)/share/man/man5/,$(notdir $(wildcard man/*.5))) \
		$(DESTDIR)$(UNITDIR)/droplet.service $(DESTDIR)$(UNITDIR)/xdplb.service \
		$(DESTDIR)$(EXTCAPDIR)/xdpdump $(DESTDIR)$(PLUGINDIR)/xdpchain.lua
	! cmp -s packaging/droplet.yaml $(DESTDIR)/etc/xdpchain/droplet.yaml || \
		rm -f $(DESTDIR)/etc/xdpchain/droplet.yaml
	rm -rf $(DESTDIR)$(PREFIX)/include/xdpchain $(DESTDIR)$(PREFIX)/share/doc/xdpchain

clean:
	rm -rf $(B)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
