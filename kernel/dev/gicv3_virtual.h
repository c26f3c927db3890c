/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of gicv3_ops that gicv3_virtual.c has; see gic.h for what each does. */
#ifndef SLUICE_KERNEL_DEV_GICV3_VIRTUAL_H
#define SLUICE_KERNEL_DEV_GICV3_VIRTUAL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/dev/gic.h"

/* Each core; panics if it has too few list registers. */
void gicv3_virtual_init_cpu(void);

void gicv3_set_notice(enum gic_notice notice);
void gicv3_vcpu_save(struct gic_vcpu *vcpu);
void gicv3_vcpu_load(const struct gic_vcpu *vcpu);
uint64_t gicv3_list_encode(struct gic_virq virq);
uint64_t gicv3_list_encode_direct(struct gic_virq virq);
uint64_t gicv3_list_encode_message(struct gic_virq virq);
uint64_t gicv3_list_repeat(uint64_t value);
uint64_t gicv3_list_report(uint64_t value);
void gicv3_list_write(unsigned int index, uint64_t value);
uint64_t gicv3_list_read(unsigned int index);
bool gicv3_list_is_pending(uint64_t value);
bool gicv3_list_is_active(uint64_t value);
bool gicv3_list_is_used(uint64_t value);
bool gicv3_list_is_direct(uint64_t value);
uint32_t gicv3_list_intid(uint64_t value);
uint8_t gicv3_list_priority(uint64_t value);
uint64_t gicv3_list_activate(uint64_t value);
bool gicv3_is_signalling(const struct gic_vcpu *vcpu);
uint32_t gicv3_lists_used(void);
bool gicv3_list_write_first(uint64_t value);
int gicv3_drop_to_list(uint32_t intid, uint64_t value);
bool gicv3_drop_to_first(uint32_t intid, uint64_t value);
uint32_t gicv3_take_ended(void);
uint32_t gicv3_take_unlisted(void);

#endif
