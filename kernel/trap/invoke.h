/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations on objects that capabilities name, as abi/syscall.h numbers them. argument[0] is the
 * capability, argument[1].. what the call takes; the error goes to the caller's x0, and a result,
 * if there is one, these functions write to its x1. Under the lock for all.
 */
#ifndef SLUICE_KERNEL_TRAP_INVOKE_H
#define SLUICE_KERNEL_TRAP_INVOKE_H

#include <stdint.h>

#include "abi/syscall.h"
#include "kernel/pd/pd.h"
#include "kernel/vcpu/vcpu.h"

/* invoke_tcb.c */
enum abi_error invoke_tcb_read_registers(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_tcb_write_registers(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_tcb_suspend(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_tcb_resume(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_tcb_set_priority(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_tcb_set_maximum(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_tcb_set_tls_base(struct pd *pd, const uint64_t *argument);

/* invoke_sc.c */
enum abi_error invoke_sc_consumed(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_sc_yield_to(struct pd *pd, const uint64_t *argument);

/* invoke_vcpu.c */
enum abi_error invoke_vcpu_inject_irq(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_irq_state(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_withdraw_irq(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_clear_irq(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_ack_vppi(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_read_reg(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_write_reg(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_bind_irq(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_bind_vppi(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_reset_vgic(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_sleep(struct pd *pd, const uint64_t *argument);
/* invoke_sgi.c */
enum abi_error invoke_vcpu_route_sgis(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_bind_sgi(struct pd *pd, const uint64_t *argument);
enum abi_error invoke_vcpu_change_sgi(struct pd *pd, const uint64_t *argument);
/* How a guest has an interrupt, as its VMM says by ABI_BIND_*. False: no such priority or flag. */
bool invoke_decode_bind(uint64_t how, uint64_t intid, struct gic_virq *virq);
/* The first two, decoded as far as the vCPU itself: for the short way (fast.c). */
enum abi_error invoke_inject_irq(struct vcpu *vcpu, const uint64_t *argument);
enum abi_error invoke_ack_vppi(struct vcpu *vcpu, const uint64_t *argument);

/* invoke_vspace.c */
enum abi_error invoke_vspace_cache(struct pd *pd, const uint64_t *argument);

/* debug.c */
enum abi_error debug_read(struct pd *pd, const uint64_t *argument);
enum abi_error debug_name(struct pd *pd, const uint64_t *argument);
enum abi_error debug_thread(struct pd *pd, const uint64_t *argument);
enum abi_error debug_identify(struct pd *pd, const uint64_t *argument);

/* benchmark.c */
enum abi_error benchmark_reset(struct pd *pd, const uint64_t *argument);
enum abi_error benchmark_finalize(struct pd *pd, const uint64_t *argument);
enum abi_error benchmark_reset_thread(struct pd *pd, const uint64_t *argument);
enum abi_error benchmark_get_thread(struct pd *pd, const uint64_t *argument);

#endif
