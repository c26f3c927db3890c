/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stock VMM: one Linux guest. All it knows comes from outside: the configuration from vmconf,
 * and from the system description, by setvar_vaddr and setvar_prefill_size, where the guest's
 * files and RAM are mapped, and what it shares with the console multiplexer. What the description
 * does not name stays zero.
 */
#include <microkit.h>

#include "vmm/log.h"
#include "vmm/vm.h"

/* Written by tools into the linked program, and so neither constant nor static, and in .data: the
 * build then knows nothing about their values. */
#define FILLED_BY_TOOL __attribute__((used, section(".data.filled_by_tool")))

extern uintptr_t kernel_vaddr;
extern uint64_t kernel_size;
extern uintptr_t firmware_vaddr;
extern uint64_t firmware_size;
extern uintptr_t initrd_vaddr;
extern uint64_t initrd_size;
extern uintptr_t dtb_vaddr;
extern uint64_t dtb_size;
extern uintptr_t guest_ram_vaddr;
extern uintptr_t flash_vaddr;
extern uint64_t flash_size;
extern uintptr_t rtc_vaddr;
extern uintptr_t console_vaddr;
extern uint64_t console_channel;
extern struct vm_config vm_config;

uintptr_t kernel_vaddr FILLED_BY_TOOL;
uint64_t kernel_size FILLED_BY_TOOL;
uintptr_t firmware_vaddr FILLED_BY_TOOL;
uint64_t firmware_size FILLED_BY_TOOL;
uintptr_t initrd_vaddr FILLED_BY_TOOL;
uint64_t initrd_size FILLED_BY_TOOL;
uintptr_t dtb_vaddr FILLED_BY_TOOL;
uint64_t dtb_size FILLED_BY_TOOL;
uintptr_t guest_ram_vaddr FILLED_BY_TOOL;
uintptr_t flash_vaddr FILLED_BY_TOOL;
uint64_t flash_size FILLED_BY_TOOL;
uintptr_t rtc_vaddr FILLED_BY_TOOL;
uintptr_t console_vaddr FILLED_BY_TOOL;
uint64_t console_channel FILLED_BY_TOOL;
struct vm_config vm_config __attribute__((used, section(VM_CONFIG_SECTION)));

static struct vm vm;

/* Once for each: another program may notify as often as it likes. An interrupt stays unacked, and
 * so silent. */
static void report_unused(microkit_channel ch)
{
    static uint64_t reported;

    if ((reported & 1UL << ch) == 0) {
        reported |= 1UL << ch;
        log_line(microkit_name, "notification of a channel without a use: %u", ch);
    }
}

void init(void)
{
    const struct vm_setup setup = {
        .images = {.kernel = {(const void *)kernel_vaddr, kernel_size},
                   .firmware = {(const void *)firmware_vaddr, firmware_size},
                   .initrd = {(const void *)initrd_vaddr, initrd_size},
                   .dtb = {(const void *)dtb_vaddr, dtb_size}},
        .ram = (void *)guest_ram_vaddr,
        .flash = {(void *)flash_vaddr, flash_size},
        .rtc = (const volatile uint32_t *)rtc_vaddr,
        .console = (void *)console_vaddr,
        .console_channel = (microkit_channel)console_channel,
    };

    vm_create(&vm, &vm_config, &setup);
}

void notified(microkit_channel ch)
{
    if (!vm_notified(&vm, ch)) {
        report_unused(ch);
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    return vm_fault(&vm, child, msginfo, reply_msginfo) ? seL4_True : seL4_False;
}
