/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of gicv2_ops that gicv2_virtual.c has; see gic.h for what each does. */
#ifndef SLUICE_KERNEL_DEV_GICV2_VIRTUAL_H
#define SLUICE_KERNEL_DEV_GICV2_VIRTUAL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/dev/gic.h"

/* Boot core, once; `eoir`: the register that ends a physical interrupt. */
void gicv2_virtual_init(const struct image_machine *machine, uint64_t eoir);
/* Each core; panics if it has too few list registers. */
void gicv2_virtual_init_cpu(void);

void gicv2_set_notice(enum gic_notice notice);
void gicv2_vcpu_save(struct gic_vcpu *vcpu);
void gicv2_vcpu_load(const struct gic_vcpu *vcpu);
uint64_t gicv2_list_encode(struct gic_virq virq);
uint64_t gicv2_list_encode_direct(struct gic_virq virq);
uint64_t gicv2_list_encode_message(struct gic_virq virq);
uint64_t gicv2_list_repeat(uint64_t value);
uint64_t gicv2_list_report(uint64_t value);
void gicv2_list_write(unsigned int index, uint64_t value);
uint64_t gicv2_list_read(unsigned int index);
bool gicv2_list_is_pending(uint64_t value);
bool gicv2_list_is_active(uint64_t value);
bool gicv2_list_is_used(uint64_t value);
bool gicv2_list_is_direct(uint64_t value);
uint32_t gicv2_list_intid(uint64_t value);
uint8_t gicv2_list_priority(uint64_t value);
uint64_t gicv2_list_activate(uint64_t value);
bool gicv2_is_signalling(const struct gic_vcpu *vcpu);
uint32_t gicv2_lists_used(void);
bool gicv2_list_write_first(uint64_t value);
int gicv2_drop_to_list(uint32_t intid, uint64_t value);
uint32_t gicv2_take_ended(void);
uint32_t gicv2_take_unlisted(void);

#endif
