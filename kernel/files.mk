# SPDX-License-Identifier: BSD-2-Clause
# Sources of the kernel, bottom layer first; the build links them with kernel/kernel.ld.

kernel_sources := \
	kernel/lib/log.c \
	kernel/lib/random.c \
	kernel/lib/string.c \
	kernel/arch/aarch64/start.S \
	kernel/arch/aarch64/vectors.S \
	kernel/arch/aarch64/fp.S \
	kernel/arch/aarch64/cache.c \
	kernel/arch/aarch64/cpu.c \
	kernel/arch/aarch64/mmu.c \
	kernel/arch/aarch64/error.c \
	kernel/arch/aarch64/gic.c \
	kernel/arch/aarch64/idregs.S \
	kernel/arch/aarch64/thread.c \
	kernel/arch/aarch64/traps.c \
	kernel/dev/console.c \
	kernel/dev/gic.c \
	kernel/dev/gicv2.c \
	kernel/dev/gicv2_virtual.c \
	kernel/dev/gicv3.c \
	kernel/dev/gicv3_virtual.c \
	kernel/dev/its.c \
	kernel/dev/its_queue.c \
	kernel/dev/pl011.c \
	kernel/mm/pgtable.c \
	kernel/timer/budget.c \
	kernel/timer/timer.c \
	kernel/irq/route.c \
	kernel/pd/pd.c \
	kernel/pd/symbol.c \
	kernel/pd/thread.c \
	kernel/smp/cpu.c \
	kernel/smp/lock.c \
	kernel/sched/account.c \
	kernel/sched/sched.c \
	kernel/ipc/debuglog.c \
	kernel/ipc/endpoint.c \
	kernel/ipc/fault.c \
	kernel/ipc/notify.c \
	kernel/ipc/report.c \
	kernel/vcpu/bind.c \
	kernel/vcpu/exit.c \
	kernel/vcpu/feature.c \
	kernel/vcpu/inject.c \
	kernel/vcpu/list.c \
	kernel/vcpu/list_state.c \
	kernel/vcpu/park.c \
	kernel/vcpu/registers.c \
	kernel/vcpu/sgi.c \
	kernel/vcpu/sgi_send.c \
	kernel/vcpu/skip.c \
	kernel/vcpu/switch.c \
	kernel/vcpu/sysreg.c \
	kernel/vcpu/vcpu.c \
	kernel/trap/benchmark.c \
	kernel/trap/cap.c \
	kernel/trap/context.c \
	kernel/trap/debug.c \
	kernel/trap/exit.c \
	kernel/trap/fast.c \
	kernel/trap/fast_fault.c \
	kernel/trap/fast_guest.c \
	kernel/trap/fast_sgi.c \
	kernel/trap/firmware.c \
	kernel/trap/interrupt.c \
	kernel/trap/invoke_sc.c \
	kernel/trap/invoke_sgi.c \
	kernel/trap/invoke_tcb.c \
	kernel/trap/invoke_vcpu.c \
	kernel/trap/invoke_vspace.c \
	kernel/trap/syscall.c \
	kernel/trap/trap.c \
	kernel/boot/image.c \
	kernel/boot/seed.c \
	kernel/boot/setup.c \
	kernel/main.c

# -nostdinc: only the compiler's own headers. No FP registers, no unaligned accesses (the MMU is
# off at first), no calls that the compiler invents beyond lib/string.c. Optimised as a whole at link
# time, since the paths through the kernel are short functions of many files.
kernel_cflags = -std=gnu11 -O2 -g -ffreestanding -fno-builtin -nostdinc \
	-isystem $(shell $(CROSS_COMPILE)gcc -print-file-name=include) \
	-mgeneral-regs-only -ffixed-x18 -fomit-frame-pointer -mstrict-align -mno-outline-atomics -flto -fno-section-anchors -fno-pic -fno-stack-protector -fno-common \
	-ffunction-sections -fno-asynchronous-unwind-tables \
	$(WARNINGS)
kernel_ldflags := -O2 -flto -fno-section-anchors -mgeneral-regs-only -ffixed-x18 -fomit-frame-pointer -mstrict-align -mno-outline-atomics -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--gc-sections \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments
