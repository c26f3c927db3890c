/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot order. start.S enters kernel_main() on the boot core, at EL2, with the MMU off; it
 * leaves into the first program and never returns: from then on the kernel only reacts, through
 * trap/trap.c. The other cores come to secondary_main(), and wait there for the lock until the
 * programs are runnable.
 */
#include <stddef.h>

#include "kernel/arch/arch.h"
#include "kernel/boot/image.h"
#include "kernel/boot/setup.h"
#include "kernel/dev/console.h"
#include "kernel/dev/gic.h"
#include "kernel/dev/its.h"
#include "kernel/dev/pl011.h"
#include "kernel/irq/route.h"
#include "kernel/lib/log.h"
#include "kernel/pd/pd.h"
#include "kernel/sched/account.h"
#include "kernel/smp/cpu.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/firmware.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

/* What start.S and nothing else runs on. */
__attribute__((aligned(16))) uint8_t boot_stack[4096];

/* On each core. */
static void start_accounts(void)
{
    if (account_is_on) {
        arch_open_pmu();
        arch_trap_slowly();
    }
}

_Noreturn void kernel_main(void);
_Noreturn void kernel_main(void)
{
    const struct image_header *image = image_find();

    if (image == NULL) {
        arch_halt(); /* without a header there is no UART to say so */
    }
    pl011_init(image->machine.uart);
    log_init(console_write, arch_halt);
    log_set_flush(console_flush);
    log_enable((image->flags & IMAGE_DEBUG_CONSOLE) != 0);

    account_is_on = (image->flags & IMAGE_BENCHMARK) != 0;
    setup_check_machine(image);
    setup_map(image);
    for (unsigned int i = 0; i < image->machine.cpu_count; i++) {
        cpu_init(i);
    }
    cpu_start(0);
    start_accounts();
    setup_seed(image);
    setup_memory(image);
    setup_objects(image);
    firmware_init(image_table(image, IMAGE_TABLE_FIRMWARE),
                  image_count(image, IMAGE_TABLE_FIRMWARE));
    its_set_senders(image_table(image, IMAGE_TABLE_SENDERS),
                    image_count(image, IMAGE_TABLE_SENDERS), image_table(image, IMAGE_TABLE_IRQS),
                    image_count(image, IMAGE_TABLE_IRQS));
    gic_init(&image->machine);
    gic_init_cpu(0);
    route_init(image_table(image, IMAGE_TABLE_IRQS), image_count(image, IMAGE_TABLE_IRQS));
    route_enable(0);
    log_line("%s, %u cores, %u programs, %u virtual CPUs", gic->name, image->machine.cpu_count,
             pd_count, vcpu_count);
    smp_init(image->machine.cpu_count, switch_evict_all);
    smp_enter(cpu_local());
    setup_start_cores(image);
    setup_start();
    arch_return_to_thread(trap_exit(cpu_local()));
}

_Noreturn void secondary_main(unsigned int index);
_Noreturn void secondary_main(unsigned int index)
{
    struct cpu *cpu = &cpus[index];

    arch_mmu_join();
    cpu_start(index);
    start_accounts();
    gic_init_cpu(index);
    route_enable(index);
    __atomic_store_n(&cpu->is_online, true, __ATOMIC_RELEASE);
    smp_enter(cpu);
    arch_return_to_thread(trap_exit(cpu));
}
