/* SPDX-License-Identifier: BSD-2-Clause */
/* What should be of SGIs that go from vCPU to vCPU (sgis.c). */
#ifndef SLUICE_TESTS_MODEL_SGIS_H
#define SLUICE_TESTS_MODEL_SGIS_H

#include "tests/model/model.h"

void sgis_reset(void);
/* Its VMM has done it. */
void sgis_routed(struct vcpu *vcpu, uint64_t number, uint64_t affinity);
void sgis_bound(struct vcpu *vcpu, uint64_t intid);
void sgis_unbound(struct vcpu *vcpu);
void sgis_change(struct vcpu *vcpu, uint64_t intid, uint64_t clear, uint64_t set);
/* The guest has taken one, from CPU `source`. */
void sgis_taken(struct vcpu *vcpu, uint32_t intid, uint32_t source);
bool sgis_has(const struct vcpu *vcpu, uint64_t intid);
/* From which CPUs one that is bound is pending. */
uint8_t sgis_pending(const struct vcpu *vcpu, uint64_t intid);

#endif
