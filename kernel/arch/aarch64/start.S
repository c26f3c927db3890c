/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First instruction of loader.img. The boot loader enters here on one core, at EL2, MMU off.
 * Touches no EL2 register: kernel_main() checks the exception level and says so if it is wrong.
 */
    .section .text.start, "ax"
    .global _start
_start:
    msr     daifset, #0xf
    adrp    x0, boot_stack + 4096
    add     x0, x0, :lo12:boot_stack + 4096
    mov     sp, x0
    mov     x29, #0
    mov     x30, #0
    b       kernel_main

/*
 * Another core, started by PSCI CPU_ON: x0 is its index. Each has its own stack (smp/cpu.c).
 */
    .global secondary_start
secondary_start:
    msr     daifset, #0xf
    adrp    x1, cpu_stacks
    add     x1, x1, :lo12:cpu_stacks
    add     x2, x0, #1
    add     x1, x1, x2, lsl #12
    mov     sp, x1
    mov     x29, #0
    mov     x30, #0
    b       secondary_main
