/* SPDX-License-Identifier: BSD-2-Clause */
/* The owner of an SMMU on the fake one: two guests, the first with two functions. Tests change the
 * configuration and the SMMU before rig_start(). */
#ifndef SLUICE_TESTS_UNIT_COMPONENTS_SMMU_RIG_H
#define SLUICE_TESTS_UNIT_COMPONENTS_SMMU_RIG_H

#include "components/smmu/owner.h"
#include "components/smmu/smmu.h"
#include "tests/unit/components/serial/fake/clock.h"

#include "tests/unit/components/smmu/fake/smmu.h"
#include "tests/unit/vmm/fake/fake.h"

#define RIG_DISK     0x0008U /* of the first guest */
#define RIG_NET      0x0110U
#define RIG_USB      0x0018U /* of the second */
#define RIG_CH_ONE   10
#define RIG_CH_TWO   11
#define RIG_EVENTS   1
#define RIG_ERRORS   2
#define RIG_RAM      0x40000000UL
#define RIG_SIZE     0x20000000UL
#define RIG_ONE      0x80000000UL /* where the first guest's RAM is: symbol 0 */
#define RIG_TWO      0xa0201000UL /* and the second's, two pages further on than it looks */
#define RIG_DOORBELL 0x08020000UL

extern struct smmu rig_smmu;
extern struct smmu_config rig_config;
extern uint64_t rig_paddrs[SMMU_CONFIG_MAX_PADDRS];
extern struct smmu_setup rig_setup;

void rig_reset(void);
/* smmu_start() */
void rig_start(void);

/* A call of a VMM; what it is answered. */
enum smmu_status rig_call(microkit_channel ch, enum smmu_call call, uint64_t stream);
/* Adds a range to the last domain. */
void rig_add_range(uint64_t ipa, uint64_t paddr, uint64_t size, uint32_t symbol, uint32_t flags);

#endif
