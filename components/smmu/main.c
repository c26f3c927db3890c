/* SPDX-License-Identifier: BSD-2-Clause */
/* The owner of an SMMUv3, a program: owner.h. What the description fills is in smmu_config.h. */
#include <microkit.h>

#include "components/lib/filled.h"
#include "components/smmu/owner.h"

#define FOR_EACH_PADDR(what)                                                                      \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10)      \
        what(11) what(12) what(13) what(14) what(15) what(16) what(17) what(18) what(19) what(20) \
            what(21) what(22) what(23) what(24) what(25) what(26) what(27) what(28) what(29)      \
                what(30) what(31)

extern uintptr_t smmu_vaddr;
extern uintptr_t smmu_tables_vaddr;
extern uint64_t smmu_tables_size;
extern uint64_t smmu_tables_paddr;
extern struct smmu_config smmu_config;

uintptr_t smmu_vaddr FILLED_BY_TOOL;
uintptr_t smmu_tables_vaddr FILLED_BY_TOOL;
uint64_t smmu_tables_size FILLED_BY_TOOL;
uint64_t smmu_tables_paddr FILLED_BY_TOOL;
struct smmu_config smmu_config __attribute__((used, section(SMMU_CONFIG_SECTION)));

#define DEFINE_PADDR(n)               \
    extern uint64_t region_paddr_##n; \
    uint64_t region_paddr_##n FILLED_BY_TOOL = FILLED_WITH_NOTHING;

FOR_EACH_PADDR(DEFINE_PADDR)

static uint64_t paddrs[SMMU_CONFIG_MAX_PADDRS];
static struct smmu smmu;

void init(void)
{
    const struct smmu_setup setup = {
        .config = &smmu_config,
        .paddrs = paddrs,
        .registers = smmu_vaddr,
        .tables = smmu_tables_vaddr,
        .tables_size = smmu_tables_size,
        .tables_paddr = smmu_tables_paddr,
    };

#define SET_PADDR(n) paddrs[n] = region_paddr_##n;
    FOR_EACH_PADDR(SET_PADDR)
    smmu_start(&smmu, &setup);
}

void notified(microkit_channel ch)
{
    smmu_notified(&smmu, ch);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
    return smmu_called(&smmu, ch, info);
}
