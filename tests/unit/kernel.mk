# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the kernel, against arch/host.

kernel_test_support := tests/unit/kernel/support/system.c kernel/arch/host/host.c kernel/dev/console.c \
	kernel/lib/log.c kernel/timer/budget.c kernel/timer/timer.c kernel/pd/pd.c kernel/pd/symbol.c \
	kernel/pd/thread.c \
	kernel/smp/cpu.c kernel/smp/lock.c kernel/sched/account.c kernel/sched/sched.c kernel/ipc/debuglog.c kernel/ipc/endpoint.c kernel/ipc/fault.c \
	kernel/ipc/notify.c kernel/ipc/report.c kernel/vcpu/vcpu.c kernel/vcpu/exit.c kernel/vcpu/feature.c \
	kernel/vcpu/bind.c kernel/vcpu/inject.c kernel/vcpu/list.c kernel/vcpu/list_state.c kernel/vcpu/park.c kernel/vcpu/registers.c kernel/vcpu/sgi.c kernel/vcpu/sgi_send.c kernel/vcpu/skip.c \
	kernel/vcpu/switch.c kernel/vcpu/sysreg.c kernel/irq/route.c

kernel_gics := kernel/dev/gicv2.c kernel/dev/gicv2_virtual.c kernel/dev/gicv3.c kernel/dev/gicv3_virtual.c \
	kernel/dev/its.c kernel/dev/its_queue.c

kernel_syscalls := kernel/trap/debug.c kernel/trap/invoke_sc.c kernel/trap/invoke_sgi.c kernel/trap/invoke_tcb.c kernel/trap/invoke_vcpu.c \
	kernel/trap/invoke_vspace.c kernel/trap/syscall.c kernel/mm/pgtable.c kernel/lib/random.c

unit_tests += kernel_pgtable
unit_test_kernel_pgtable := tests/unit/kernel/mm/pgtable_test.c kernel/mm/pgtable.c

unit_tests += kernel_random
unit_test_kernel_random := tests/unit/kernel/lib/random_test.c kernel/lib/random.c

unit_tests += kernel_seed
unit_test_kernel_seed := tests/unit/kernel/boot/seed_test.c kernel/boot/seed.c
unit_libs_kernel_seed := -lfdt

unit_tests += kernel_timer
unit_test_kernel_timer := tests/unit/kernel/timer/timer_test.c kernel/timer/timer.c \
	kernel/arch/host/host.c

unit_tests += kernel_sched
unit_test_kernel_sched := tests/unit/kernel/sched/sched_test.c $(kernel_test_support)

unit_tests += kernel_states
unit_test_kernel_states := tests/unit/kernel/sched/states_test.c kernel/trap/interrupt.c $(kernel_test_support)

unit_tests += kernel_defer
unit_test_kernel_defer := tests/unit/kernel/trap/defer_test.c kernel/trap/interrupt.c $(kernel_test_support)

unit_tests += kernel_endpoint
unit_test_kernel_endpoint := tests/unit/kernel/ipc/endpoint_test.c $(kernel_test_support)

unit_tests += kernel_doors
unit_test_kernel_doors := tests/unit/kernel/trap/doors_test.c kernel/trap/context.c \
	kernel/trap/firmware.c $(kernel_test_support)

unit_tests += kernel_vcpu
unit_test_kernel_vcpu := tests/unit/kernel/vcpu/vcpu_test.c $(kernel_test_support)

unit_tests += kernel_sysreg
unit_test_kernel_sysreg := tests/unit/kernel/vcpu/sysreg_test.c $(kernel_test_support)

unit_tests += kernel_feature
unit_test_kernel_feature := tests/unit/kernel/vcpu/feature_test.c kernel/vcpu/feature.c \
	kernel/arch/host/host.c

unit_tests += kernel_budget
unit_test_kernel_budget := tests/unit/kernel/timer/budget_test.c kernel/timer/budget.c

unit_tests += kernel_fast
unit_test_kernel_fast := tests/unit/kernel/trap/fast_test.c kernel/trap/benchmark.c kernel/trap/cap.c kernel/trap/context.c \
	kernel/trap/exit.c kernel/trap/fast.c kernel/trap/fast_fault.c kernel/trap/fast_guest.c kernel/trap/fast_sgi.c kernel/trap/firmware.c kernel/trap/interrupt.c \
	$(kernel_syscalls) kernel/trap/trap.c \
	$(kernel_test_support)

unit_tests += kernel_bound
unit_test_kernel_bound := tests/unit/kernel/trap/bound_test.c kernel/trap/benchmark.c kernel/trap/cap.c kernel/trap/context.c \
	kernel/trap/exit.c kernel/trap/fast.c kernel/trap/fast_fault.c kernel/trap/fast_guest.c kernel/trap/fast_sgi.c kernel/trap/firmware.c kernel/trap/interrupt.c \
	$(kernel_syscalls) kernel/trap/trap.c \
	$(kernel_test_support)

unit_tests += kernel_invoke
unit_test_kernel_invoke := tests/unit/kernel/trap/invoke_test.c kernel/trap/benchmark.c kernel/trap/cap.c kernel/trap/context.c \
	kernel/trap/exit.c kernel/trap/fast.c kernel/trap/fast_fault.c kernel/trap/fast_guest.c kernel/trap/fast_sgi.c kernel/trap/firmware.c kernel/trap/interrupt.c \
	$(kernel_syscalls) kernel/trap/trap.c $(kernel_test_support)

unit_tests += kernel_error
unit_test_kernel_error := tests/unit/kernel/trap/error_test.c kernel/trap/benchmark.c kernel/trap/cap.c kernel/trap/context.c \
	kernel/trap/exit.c kernel/trap/fast.c kernel/trap/fast_fault.c kernel/trap/fast_guest.c kernel/trap/fast_sgi.c kernel/trap/firmware.c kernel/trap/interrupt.c \
	$(kernel_syscalls) kernel/trap/trap.c \
	$(kernel_test_support)

unit_tests += kernel_symbol
unit_test_kernel_symbol := tests/unit/kernel/pd/symbol_test.c kernel/pd/symbol.c

unit_tests += kernel_image
unit_test_kernel_image := tests/unit/kernel/boot/image_test.c kernel/boot/image.c

unit_tests += kernel_setup
unit_test_kernel_setup := tests/unit/kernel/boot/setup_test.c kernel/boot/setup.c kernel/boot/image.c kernel/boot/seed.c \
	kernel/lib/random.c kernel/mm/pgtable.c $(kernel_test_support)

unit_tests += kernel_report
unit_test_kernel_report := tests/unit/kernel/ipc/report_test.c $(kernel_test_support)

unit_tests += kernel_console
unit_test_kernel_console := tests/unit/kernel/dev/console_test.c kernel/trap/debug.c kernel/trap/cap.c \
	$(kernel_test_support)

unit_tests += kernel_debuglog
unit_test_kernel_debuglog := tests/unit/kernel/ipc/debuglog_test.c $(kernel_test_support)

unit_tests += kernel_bind
unit_test_kernel_bind := tests/unit/kernel/vcpu/bind_test.c tests/unit/kernel/support/gic_model.c \
	$(kernel_gics) kernel/arch/host/gic.c kernel/trap/benchmark.c kernel/trap/cap.c kernel/trap/context.c \
	kernel/trap/exit.c kernel/trap/fast_guest.c kernel/trap/firmware.c kernel/trap/interrupt.c $(kernel_syscalls) kernel/trap/trap.c \
	$(kernel_test_support)

unit_tests += kernel_state
unit_test_kernel_state := tests/unit/kernel/vcpu/state_test.c $(filter-out %/bind_test.c,$(unit_test_kernel_bind))

unit_tests += kernel_sgi
unit_test_kernel_sgi := tests/unit/kernel/vcpu/sgi_test.c $(filter-out %/bind_test.c,$(unit_test_kernel_bind))

# arch/aarch64 itself, with a header that records instructions in the place of the one that has them.
unit_tests += kernel_arch_thread
unit_test_kernel_arch_thread := tests/unit/kernel/arch/thread_test.c tests/unit/kernel/arch/insn.c \
	kernel/arch/aarch64/error.c kernel/arch/aarch64/thread.c kernel/arch/aarch64/traps.c
unit_cflags_kernel_arch_thread := -iquote tests/unit/kernel/arch/fake

# In the place of what arch/host has of the same: the first of two counts.
unit_tests += kernel_arch_tlb
unit_test_kernel_arch_tlb := tests/unit/kernel/arch/tlb_test.c tests/unit/kernel/arch/insn.c \
	kernel/arch/aarch64/error.c kernel/arch/aarch64/thread.c kernel/arch/aarch64/traps.c $(kernel_test_support)
unit_cflags_kernel_arch_tlb := -iquote tests/unit/kernel/arch/fake
unit_libs_kernel_arch_tlb := -Wl,-z,muldefs

unit_tests += kernel_arch_mmu
unit_test_kernel_arch_mmu := tests/unit/kernel/arch/mmu_test.c tests/unit/kernel/arch/insn.c \
	kernel/arch/aarch64/mmu.c
unit_cflags_kernel_arch_mmu := -iquote tests/unit/kernel/arch/fake -no-pie -fno-pie

unit_tests += kernel_route
unit_test_kernel_route := tests/unit/kernel/irq/route_test.c $(kernel_test_support)

unit_tests += kernel_its
unit_test_kernel_its := tests/unit/kernel/dev/its_test.c tests/unit/kernel/support/its_model.c kernel/dev/its.c \
	kernel/dev/its_queue.c kernel/lib/log.c

unit_tests += kernel_gicv3
unit_test_kernel_gicv3 := tests/unit/kernel/dev/gicv3_test.c kernel/dev/gic.c $(kernel_gics) kernel/lib/log.c \
	kernel/arch/host/host.c
