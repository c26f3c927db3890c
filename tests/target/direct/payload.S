/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest runs, at EL1 with its MMU off. The handler counts, does what x23 points to, and
 * ends the interrupt: no exit before the final HVC, whose x0 has the count and x1 the last INTID.
 */
#include "tests/target/direct/payload.h"
#include "tests/target/lib/gic.inc"

#define UARTDR   0x000
#define UARTIMSC 0x038
#define UARTICR  0x044
#define TX       0x20

.macro entry number, handler
    .org    \number * ENTRY_SIZE
    msr     daifset, #2
    ldr     x0, =RAM + ENTRY_VECTORS * ENTRY_SIZE
    msr     vbar_el1, x0
    gic_open
    ldr     x25, =UART
    ldr     x24, =RAM + DATA
    mov     x21, #0
    adr     x23, \handler
    isb
.endm

    .text

/* Sleeps between the interrupts of a timer that is due again before each is ended. */
    entry   ENTRY_TIMER, timer_again
    msr     cntv_cval_el0, xzr
    mov     x0, #1
    msr     cntv_ctl_el0, x0
    b       sleep
timer_again:
    cmp     x21, #ROUNDS
    b.lo    1f
    msr     cntv_ctl_el0, xzr
    isb
1:  ret

/* The same with a device's level. */
    entry   ENTRY_UART, uart_again
    mov     w0, #TX
    str     w0, [x25, #UARTIMSC]
    mov     w0, #'\n'
    str     w0, [x25, #UARTDR]
    b       sleep
uart_again:
    cmp     x21, #ROUNDS
    b.lo    1f
    str     wzr, [x25, #UARTIMSC]
1:  ret

/* Its VMM has it disabled: it does not come, however long the line is up. */
    entry   ENTRY_MASKED, uart_again
    mov     w0, #TX
    str     w0, [x25, #UARTIMSC]
    mov     w0, #'\n'
    str     w0, [x25, #UARTDR]
    msr     daifclr, #2
    mov     x0, x21
    hvc     #0
1:  cmp     x21, #ROUNDS /* enabled meanwhile */
    b.lo    1b
    b       done

/* Nobody ever clears it. */
    entry   ENTRY_ENDLESS, nothing
    mov     w0, #TX
    str     w0, [x25, #UARTIMSC]
    mov     w0, #'\n'
    str     w0, [x25, #UARTDR]
    msr     daifclr, #2
1:  b       1b
nothing:
    ret

sleep:
    wfi
    msr     daifclr, #2
    isb
    msr     daifset, #2
    cmp     x21, #ROUNDS
    b.lo    sleep
done:
    msr     daifset, #2 /* of who did not sleep */
    mov     x0, x21
    mov     x1, x22
    hvc     #0

    .ltorg
    .org    ENTRY_VECTORS * ENTRY_SIZE + 0x200
    mov     x0, #-1
    mrs     x1, esr_el1
    hvc     #0

    .org    ENTRY_VECTORS * ENTRY_SIZE + 0x280 /* IRQ, from EL1 */
    gic_acknowledge 22
    cmp     w22, #1020
    b.hs    1f
    add     x21, x21, #1
    str     x21, [x24]
    blr     x23
    gic_end 22
1:  eret
