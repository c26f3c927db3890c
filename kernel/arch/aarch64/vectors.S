/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception vectors of EL2 (Arm ARM D1.3, "Exception entry").
 *
 * While a thread runs, SP_EL2 points to its struct thread, whose first member is its frame:
 * entry stores the registers where they stay. The kernel then runs on the core's stack, from
 * the top: nothing is kept on it between entries.
 */
#include "kernel/arch/frame.h"

/* x2 to x17, behind x0 and x1 which the vector has saved. */
.macro save_low
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
.endm

/* x18 to x29, to the struct thread at `to`. */
.macro save_high to
    stp     x18, x19, [\to, #144]
    stp     x20, x21, [\to, #160]
    stp     x22, x23, [\to, #176]
    stp     x24, x25, [\to, #192]
    stp     x26, x27, [\to, #208]
    stp     x28, x29, [\to, #224]
.endm

/* x0 to x17; out of the kernel. */
.macro return_with_low
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp, #0]
    eret
.endm

/* x0 and x1 are saved, x0 is the C handler: struct thread *handler(struct thread *current). */
    .section .text.entry, "ax"
    .balign 64
enter_kernel:
    save_low
    save_high sp
    mrs     x1, sp_el0
    mrs     x2, elr_el2
    mrs     x3, spsr_el2
    stp     x30, x1, [sp, #ARCH_FRAME_X30]
    stp     x2, x3, [sp, #ARCH_FRAME_PC]
    mov     x4, x0
    mov     x0, sp
    mrs     x1, tpidr_el2
    ldr     x1, [x1]                    /* struct cpu: stack_top is first */
    mov     sp, x1
    blr     x4
    b       arch_return_to_thread

/* What is often dealt with at once: first with the registers only that a C function clobbers (x18 is
 * reserved: -ffixed-x18). If `fast` returns the thread that was interrupted, nothing else is saved. It
 * returns what trap.h says of trap_fast(); `slow` is as for enter_kernel. With `early` it sees all
 * general registers of the thread. */
.macro quickly fast, slow, early=0
    save_low
    .if \early
    save_high sp
    .endif
    str     x30, [sp, #ARCH_FRAME_X30]
    mov     x0, sp
    mrs     x1, tpidr_el2
    ldr     x1, [x1]
    mov     sp, x1
    str     x0, [sp, #-16]!
    bl      \fast
    ldr     x1, [sp], #16               /* who was interrupted */
    cmp     x0, x1
    b.ne    1f
    mov     sp, x0                      /* … and goes on */
    ldr     x30, [sp, #ARCH_FRAME_X30]
    return_with_low
1:
    .if !\early
    save_high x1
    .endif
    mrs     x2, sp_el0
    mrs     x3, elr_el2
    mrs     x4, spsr_el2
    str     x2, [x1, #ARCH_FRAME_SP]
    stp     x3, x4, [x1, #ARCH_FRAME_PC]
    cbz     x0, 3f
    tbz     x0, #0, arch_return_to_thread
    and     x19, x0, #~1                /* TRAP_FAST_LOCKED */
    cbz     x19, 2f
    bl      smp_leave_quickly
    mov     x0, x19
    b       arch_return_to_thread
2:  mov     x0, x1
    bl      trap_finish
    b       arch_return_to_thread
3:  mov     x0, x1
    bl      \slow
    b       arch_return_to_thread
.endm

fast_system_call:
    quickly trap_fast, trap_sync

fast_abort:
    quickly trap_fast_abort, trap_sync, early=1

fast_register:
    quickly trap_fast_register, trap_sync, early=1

fast_interrupt:
    quickly trap_fast_interrupt, trap_interrupt

/* x0: the struct thread to run. */
    .global arch_return_to_thread
arch_return_to_thread:
    mov     sp, x0
    ldp     x2, x3, [sp, #ARCH_FRAME_PC]
    ldp     x30, x1, [sp, #ARCH_FRAME_X30]
    msr     elr_el2, x2
    msr     spsr_el2, x3
    msr     sp_el0, x1
    ldp     x28, x29, [sp, #224]
    ldp     x26, x27, [sp, #208]
    ldp     x24, x25, [sp, #192]
    ldp     x22, x23, [sp, #176]
    ldp     x20, x21, [sp, #160]
    ldp     x18, x19, [sp, #144]
    return_with_low

/* The kernel's own exceptions: arch_kernel_exception() panics, or says where to go on. */
kernel_exception:
    sub     sp, sp, #176
    stp     x0, x1, [sp, #0]
    save_low
    stp     x18, x30, [sp, #144]
    mrs     x0, elr_el2
    bl      arch_kernel_exception
    msr     elr_el2, x0
    ldp     x0, x1, [sp, #0]
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x30, [sp, #144]
    add     sp, sp, #176
    eret

.macro lower handler
    .balign 128
    stp     x0, x1, [sp, #0]
    adrp    x0, \handler
    add     x0, x0, :lo12:\handler
    b       enter_kernel
.endm

.macro lower_sync
    .balign 128
    stp     x0, x1, [sp, #0]
    mrs     x0, esr_el2
    ubfx    x0, x0, #26, #6
    cmp     x0, #0x15                   /* EC of SVC: of a program, since a guest's stay in it */
    b.eq    fast_system_call
    cmp     x0, #0x24                   /* data abort */
    b.eq    fast_abort
    cmp     x0, #0x18                   /* MSR, MRS, system instruction */
    b.eq    fast_register
    adrp    x0, trap_sync
    add     x0, x0, :lo12:trap_sync
    b       enter_kernel
.endm

.macro lower_interrupt
    .balign 128
    stp     x0, x1, [sp, #0]
    b       fast_interrupt
.endm

.macro current
    .balign 128
    b       kernel_exception
.endm

    .section .text.vectors, "ax"
    .balign 2048
    .global arch_vectors
arch_vectors:
    .rept 8                             /* current EL, with SP_EL0 and with SP_EL2 */
    current
    .endr
    lower_sync                          /* lower EL, AArch64 */
    lower_interrupt
    lower_interrupt
    lower   trap_serror
    lower   trap_sync                   /* lower EL, AArch32: a guest's user space */
    lower_interrupt
    lower_interrupt
    lower   trap_serror

    .balign 2048
    .global arch_slow_vectors           /* arch_trap_slowly() */
arch_slow_vectors:
    .rept 8
    current
    .endr
    .rept 2
    lower   trap_sync
    lower   trap_interrupt
    lower   trap_interrupt
    lower   trap_serror
    .endr
