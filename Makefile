# SPDX-License-Identifier: BSD-2-Clause
# Sluice's build: one make, not recursive. mk/ has its parts, every source folder lists its own
# files in files.mk. `make help` prints the lines that begin with two hashes.

## Targets
##   run            build, then boot QEMU with this terminal as the guest's console
##   demo           run a session by itself: disk, network, power-off; exits 0 or 1
##   image          build $(BUILD_DIR)/loader.img and its report, without starting it
##   sdk            build the Microkit SDK of this tree in $(BUILD_DIR)/sdk
##   sdk-install    copy it to PREFIX=
##   guest          the guest's kernel, initramfs and disk alone
##   picture        draw the system: $(BUILD_DIR)/<system>-<config>/<system>.svg
##   pictures       draw docs/pictures anew
##   dts            print the guests' device trees as source
##   dma-map        list what guests' devices reach by DMA (docs/smmu.md)
##   lspci          list the PCI functions of the system's machine, with elements to paste (docs/pci.md)
##   setup          install all that packages.txt names; the other targets install what they need by themselves
##   gdb            attach gdb to a machine started with QEMU_ARGS='-s -S'; symbols: kernel, programs, GUEST_SYMBOLS=
##   test           everything that can be tested here; build/failures has what a failure left
##   soak           what takes longer, for SOAK_MINUTES= (60)
##   unit           the unit tests alone
##   model          the kernel's model test: MODEL_SEEDS= runs of MODEL_STEPS= from MODEL_SEED= on (docs/model.md)
##   check          format, static analysis, layers, sizes; everything compiled, warnings being errors
##   bench          Sluice, bare QEMU and Xen with one guest: a table, a plot, results as JSON
##   bench-compare  what got worse between two runs of it: OLD= and NEW=, or the newest two
##   bench-guests   what a guest keeps of its throughput beside another one
##   bench-locks    what a guest's spinlocks lose where another guest has the same cores; wants QEMU 8.1
##   bench-guest-profile        in which functions a guest's interrupts and boot cost something
##   bench-sdk      what system calls cost, in executed instructions
##   bench-cores    the same from one core to another
##   bench-profile  in which functions they are
##   bench-worst    the longest that the kernel runs with interrupts masked, by kind of entry
##   coverage       what of the kernel unit tests, model and target tests reach (docs/coverage.md)
##   fuzz           every fuzzer, or those of FUZZ=, for FUZZ_SECONDS= (10)
##   fuzz-coverage  what of their files the fuzzers' seeds reach (docs/fuzzing.md)
##   fuzz-keep      makes seeds of what fuzzers found beyond those there are
##   compile_commands.json      for editors and clang tools
##   clean          remove $(BUILD_DIR), but for the guests' disks and variables
##   distclean      remove $(BUILD_DIR) and the downloaded packages
##   help           this text
##
## Variables
##   SYSTEM=        a system of systems/ (passthrough, two-guests, ...), or a path to a .system file
##   BUILD_DIR=     where everything generated goes (build)
##   CONFIG=        debug or release (debug); MICROKIT_CONFIG= is the same
##   BOARD=         qemu_virt_aarch64 or qemu_virt_aarch64_gicv3; MICROKIT_BOARD= is the same
##   MICROKIT_SDK=  a Microkit SDK, 2.2 or later, instead of the built-in one; or SEL4CP_SDK=
##   CPUS=          on which cores, as 'GUEST=1 GUEST.VCPU=2 PROGRAM=2'; with smp- configurations a proposal of the system's
##   IOMMU=         yes: PCI functions behind an SMMU, as NAME-iommu.system describes it (docs/smmu.md)
##   EXTENSIONS=    no: the stock VMM uses nothing but the Microkit contract (docs/vmm.md)
##   KERNEL= INITRD= BOOTARGS=  the user's own, for the only guest or the one named by VM=
##   MODULES=       modules of a KERNEL= that is no Debian package, as modules_install leaves them
##   DISK=          the disk's image ($(BUILD_DIR)/disk.img, made when it is not there)
##   FIRMWARE=      efi (EDK2), u-boot, or a file: what a guest starts in the system firmware
##   EFI_VARS=      where its variables are kept ($(BUILD_DIR)/efi-vars.img), or memory: as long as the machine runs
##   DISK2=         the second guest's, in the system pair ($(BUILD_DIR)/disk2.img)
##   NET=           user (no privileges needed) or tap (see docs/guest.md); MAC= the card's address
##   FORWARD=       with NET=user: ports of this machine that are the guest's, as 'tcp:2222:22 udp:5353:53'
##   HOST_IF=       with NET=tap: a network card of this machine to share (none: isolated)
##   NAT=           with NET=tap: yes has this machine forward to its networks while the guest runs
##   MEM=           memory of the machine (2G)
##   QEMU= TAP=     the program (qemu-system-aarch64), the tap interface (sluice0)
##   GUEST_MODULES= GUEST_OVERLAY= GUEST_DISK_SIZE=  what else the guest gets (docs/guest.md)
##   CACHE_DIR=     where downloaded packages are kept (.cache)
##   WERROR=        yes: warnings of the compilers are errors
##   TESTS= JOBS=   which tests, and how many at once
##   FUZZ= FUZZ_SECONDS=  which fuzzers, and how long each
##   ENTRIES=       systems of tests/target for bench-worst and coverage (all of them)
##   BENCH=         parts (counts, times, smp, pci, iommu, nvme, network) and peers (bare, sluice, gicv3, contract, xen) of make bench
##   BENCH_PEERS=   further ones: NAME=loader.img NAME=kernel:FILE NAME=xen:FILE (docs/performance.md)
##   BENCH_QUICK=   yes: a tenth of the work
##   QEMU_ARGS=     further arguments for QEMU
##   TIMEOUT=       seconds after which a run is ended
##   V=1            show the commands

MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BUILD_DIR ?= build
CACHE_DIR ?= .cache
V ?= 0
ifeq ($(V),0)
Q := @
endif
say = @printf '  %-9s%s\n' '$(1)' '$(2)'

PYTHON := /usr/bin/python3
HOST_CC := gcc
CROSS_COMPILE := aarch64-linux-gnu-
CROSS_CC := $(CROSS_COMPILE)gcc
OBJCOPY := $(CROSS_COMPILE)objcopy
AR := $(CROSS_COMPILE)ar

ifneq ($(word 2,[$(BUILD_DIR)]),)
$(error BUILD_DIR=$(BUILD_DIR): make cannot work in a directory with a space in its name)
endif

include mk/config.mk

.PHONY: help clean distclean
help:
	@sed -n 's/^## \{0,1\}//p' Makefile

clean:
	$(call say,CLEAN,$(BUILD_DIR))
	$(Q)[ ! -d '$(BUILD_DIR)' ] || find '$(BUILD_DIR)' -mindepth 1 -maxdepth 1 ! -name disk.img ! -name disk2.img ! -name '*-vars.img*' -exec rm -rf {} +

distclean:
	$(call say,CLEAN,$(BUILD_DIR) $(CACHE_DIR))
	$(Q)rm -rf '$(BUILD_DIR)' '$(CACHE_DIR)' compile_commands.json

# Everything else needs the packages, and so comes after set-up.
goals := $(or $(MAKECMDGOALS),help)
ifneq ($(filter-out help clean distclean,$(goals)),)
include mk/setup.mk
ifeq ($(setup_is_done),yes)
include mk/compile.mk
include mk/host.mk
include mk/sdk.mk
include guest/files.mk
include mk/system.mk
include mk/input.mk
include mk/run.mk
include mk/lspci.mk
-include tests/target/files.mk
include tests/model/files.mk
include mk/test.mk
include mk/fuzz.mk
include bench/files.mk
include mk/suite.mk
include mk/coverage.mk
include mk/check.mk

# A variable that no makefile here mentions does nothing: what was meant?
commanded := $(foreach variable,$(.VARIABLES),$(if $(findstring command line,$(origin $(variable))),$(variable)))
unknown := $(foreach variable,$(filter-out MAKE% -% SHELL,$(commanded)),\
	$(if $(shell grep -lsw -e '$(variable)' $(MAKEFILE_LIST)),,$(variable)))
ifneq ($(strip $(unknown)),)
$(error $(firstword $(unknown))=: no such variable; $(shell scripts/misspelled.py $(firstword $(unknown)) $(MAKEFILE_LIST)))
endif

.PHONY: compile_commands.json
compile_commands.json:
	$(Q)$(MAKE) -Bn V=1 BUILD_DIR='$(BUILD_DIR)' $(VMM_ELF) sdk $(VMCONF) | scripts/compile_commands.py
endif
endif
