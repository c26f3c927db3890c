/* SPDX-License-Identifier: BSD-2-Clause */
/* See features.h. */
#include "components/smmu/features.h"

#include "components/smmu/hardware.h"
#include "components/smmu/registers.h"
#include "components/smmu/report.h"

/* What has to be there, or not to be. */
struct rule {
    bool is_met;
    const char *register_name;
    uint32_t found;
    const char *expected;
};

static bool check(const struct rule *rules, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        if (!rules[i].is_met) {
            smmu_report("%s: expected %s, found 0x%08x", rules[i].register_name, rules[i].expected,
                        (unsigned int)rules[i].found);
            return false;
        }
    }
    return true;
}

static unsigned int least(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

bool smmu_find_features(struct smmu_features *features, uintptr_t registers)
{
    static const unsigned char sizes[] = {32, 36, 40, 42, 44, 48};
    const unsigned int largest = sizeof(sizes) - 1;
    uint32_t idr0 = smmu_read_register(registers + SMMU_IDR0);
    uint32_t idr1 = smmu_read_register(registers + SMMU_IDR1);
    uint32_t idr5 = smmu_read_register(registers + SMMU_IDR5);
    const struct rule rules[] = {
        {(idr0 & (IDR0_S1P | IDR0_S2P)) != 0, "IDR0", idr0, "stage 1 or stage 2 (S1P, S2P)"},
        {(idr0 & IDR0_TTF_AARCH64) != 0, "IDR0", idr0, "AArch64's translation tables (TTF)"},
        {IDR0_TTENDIAN(idr0) != IDR0_TTENDIAN_BIG, "IDR0", idr0, "little-endian tables (TTENDIAN)"},
        {IDR0_STALL_MODEL(idr0) != IDR0_STALL_FORCED, "IDR0", idr0,
         "faults that abort (STALL_MODEL)"},
        {(idr1 & IDR1_PRESET) == 0, "IDR1", idr1,
         "queues and tables wherever they are put (QUEUES_PRESET, TABLES_PRESET)"},
        {IDR1_CMDQS(idr1) >= 2 && IDR1_EVENTQS(idr1) >= 1, "IDR1", idr1,
         "a command queue of 4 entries and an event queue of 2 (CMDQS, EVENTQS)"},
        {(idr5 & IDR5_GRAN4K) != 0, "IDR5", idr5, "pages of 4 KiB (GRAN4K)"},
        {IDR5_OAS(idr5) <= largest + 1, "IDR5", idr5, "an address size that there is (OAS)"},
    };

    if (!check(rules, sizeof(rules) / sizeof(rules[0]))) {
        return false;
    }
    *features = (struct smmu_features){
        .has_stage2 = (idr0 & IDR0_S2P) != 0,
        .has_two_levels = IDR0_ST_LEVEL(idr0) == IDR0_ST_TWO_LEVELS,
        .has_hyp = (idr0 & IDR0_HYP) != 0,
        .stream_bits = least(IDR1_SIDSIZE(idr1), 32),
        .output_size = least(IDR5_OAS(idr5), largest),
        .output_bits = sizes[least(IDR5_OAS(idr5), largest)],
        .command_bits = IDR1_CMDQS(idr1),
        .event_bits = IDR1_EVENTQS(idr1),
    };
    return true;
}
