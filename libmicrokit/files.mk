# SPDX-License-Identifier: BSD-2-Clause
# libmicrokit.a: linked into every program. Compiled without FP registers, so that PDs with
# fpu="false" can use it, and without calls that the compiler invents: programs bring their own
# memcpy, or none.

libmicrokit_sources := \
	libmicrokit/crt0.S \
	libmicrokit/children.c \
	libmicrokit/debug.c \
	libmicrokit/defaults.c \
	libmicrokit/main.c \
	libmicrokit/numbers.c \
	libmicrokit/vspace.c

# As installed, relative to libmicrokit/include; kernel/gen_config.h is generated per config.
libmicrokit_headers := \
	microkit.h \
	sel4/absent.h \
	sel4/assert.h \
	sel4/benchmark.h \
	sel4/benchmark_track_types.h \
	sel4/benchmark_utilisation_types.h \
	sel4/debug.h \
	sel4/faults.h \
	sel4/functions.h \
	sel4/ipc.h \
	sel4/ipc_mrs.h \
	sel4/messages.h \
	sel4/sel4.h \
	sel4/syscalls.h \
	sel4/types.h \
	sel4/vspace.h

libmicrokit_cflags := -std=gnu11 -O2 -g -ffreestanding -fno-builtin -mgeneral-regs-only \
	-mstrict-align -fno-pic -fno-stack-protector -fno-common -ffunction-sections \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables \
	$(WARNINGS)
