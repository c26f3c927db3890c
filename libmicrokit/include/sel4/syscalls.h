/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This kernel's system calls: SVC #0, number in x7, arguments in x0..x4, results in x0 and x1,
 * everything else preserved. Private to the SDK: programs use the functions of <sel4/sel4.h> and
 * <microkit.h>.
 */
#ifndef SEL4_SYSCALLS_H
#define SEL4_SYSCALLS_H

#include <sel4/types.h>

enum sluice_syscall {
    SLUICE_SYS_DEBUG_PUTC,
    SLUICE_SYS_SEND,
    SLUICE_SYS_CALL,
    SLUICE_SYS_REPLY_RECV,
    SLUICE_SYS_SEND_MESSAGE,
    SLUICE_SYS_RECEIVE,
    SLUICE_SYS_YIELD,
    SLUICE_SYS_TCB_READ_REGISTERS,
    SLUICE_SYS_TCB_WRITE_REGISTERS,
    SLUICE_SYS_TCB_SUSPEND,
    SLUICE_SYS_TCB_RESUME,
    SLUICE_SYS_TCB_SET_PRIORITY,
    SLUICE_SYS_TCB_SET_MAXIMUM,
    SLUICE_SYS_TCB_SET_TLS_BASE,
    SLUICE_SYS_SC_CONSUMED,
    SLUICE_SYS_SC_YIELD_TO,
    SLUICE_SYS_VCPU_INJECT_IRQ,
    SLUICE_SYS_VCPU_ACK_VPPI,
    SLUICE_SYS_VCPU_READ_REG,
    SLUICE_SYS_VCPU_WRITE_REG,
    SLUICE_SYS_SMC,
    SLUICE_SYS_VCPU_BIND_IRQ,
    SLUICE_SYS_VCPU_BIND_VPPI,
    SLUICE_SYS_VCPU_RESET_VGIC,
    SLUICE_SYS_VCPU_SLEEP,
    SLUICE_SYS_VCPU_IRQ_STATE,
    SLUICE_SYS_VCPU_WITHDRAW_IRQ,
    SLUICE_SYS_VCPU_CLEAR_IRQ,
    SLUICE_SYS_VCPU_ROUTE_SGIS,
    SLUICE_SYS_VCPU_BIND_SGI,
    SLUICE_SYS_VCPU_CHANGE_SGI,
    SLUICE_SYS_DEBUG_READ,
    SLUICE_SYS_VSPACE_CACHE,
    SLUICE_SYS_DEBUG_NAME,
    SLUICE_SYS_DEBUG_THREAD,
    SLUICE_SYS_DEBUG_IDENTIFY,
    SLUICE_SYS_BENCHMARK_RESET,
    SLUICE_SYS_BENCHMARK_FINALIZE,
    SLUICE_SYS_BENCHMARK_RESET_THREAD,
    SLUICE_SYS_BENCHMARK_GET_THREAD,
    SLUICE_SYS_RANDOM,
    SLUICE_SYS_COUNT
};

#define SLUICE_NONBLOCKING 1
#define SLUICE_ANSWERS     2

struct sluice_result {
    seL4_Word x0;
    seL4_Word x1;
};

/* The calls that are made most have wrappers of their own, without unused arguments. */
static inline void sluice_send(seL4_Word cap)
{
    register seL4_Word x0 __asm__("x0") = cap;
    register seL4_Word x1 __asm__("x1");
    register seL4_Word x7 __asm__("x7") = SLUICE_SYS_SEND;

    __asm__ volatile("svc #0" : "+r"(x0), "=r"(x1) : "r"(x7) : "memory");
}

static inline seL4_Word sluice_call(seL4_Word cap, seL4_Word info)
{
    register seL4_Word x0 __asm__("x0") = cap;
    register seL4_Word x1 __asm__("x1") = info;
    register seL4_Word x7 __asm__("x7") = SLUICE_SYS_CALL;

    __asm__ volatile("svc #0" : "+r"(x0), "+r"(x1) : "r"(x7) : "memory");
    return x1;
}

static inline struct sluice_result sluice_reply_receive(seL4_Word flags, seL4_Word info,
                                                        seL4_Word signal)
{
    register seL4_Word x0 __asm__("x0") = flags;
    register seL4_Word x1 __asm__("x1") = info;
    register seL4_Word x2 __asm__("x2") = signal;
    register seL4_Word x7 __asm__("x7") = SLUICE_SYS_REPLY_RECV;
    struct sluice_result result;

    __asm__ volatile("svc #0" : "+r"(x0), "+r"(x1) : "r"(x2), "r"(x7) : "memory");
    result.x0 = x0;
    result.x1 = x1;
    return result;
}

static inline struct sluice_result sluice_syscall(seL4_Word number, seL4_Word a0, seL4_Word a1,
                                                  seL4_Word a2, seL4_Word a3, seL4_Word a4)
{
    register seL4_Word x0 __asm__("x0") = a0;
    register seL4_Word x1 __asm__("x1") = a1;
    register seL4_Word x2 __asm__("x2") = a2;
    register seL4_Word x3 __asm__("x3") = a3;
    register seL4_Word x4 __asm__("x4") = a4;
    register seL4_Word x7 __asm__("x7") = number;
    struct sluice_result result;

    __asm__ volatile("svc #0" : "+r"(x0), "+r"(x1) : "r"(x2), "r"(x3), "r"(x4), "r"(x7) : "memory");
    result.x0 = x0;
    result.x1 = x1;
    return result;
}

#endif
