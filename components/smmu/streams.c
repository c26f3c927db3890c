/* SPDX-License-Identifier: BSD-2-Clause */
/* See streams.h. */
#include "components/smmu/streams.h"

#include "components/smmu/commands.h"
#include "components/smmu/hardware.h"
#include "components/smmu/memory.h"
#include "components/smmu/pagetable.h"
#include "components/smmu/registers.h"

#define SPLIT      6 /* StreamID bits of the second level: its table takes a page */
#define BITS_LEAST (SPLIT + 1)
#define SPLIT_SIZE (STE_SIZE << SPLIT)

_Static_assert(SPLIT_SIZE == SMMU_PAGE, "a table of the second level");

/* Bits of the highest StreamID that the table has. */
static unsigned int bits_of(const struct smmu_config *config)
{
    unsigned int bits = BITS_LEAST;

    for (unsigned int i = 0; i < config->stream_count; i++) {
        while (bits < 32 && config->streams[i].id >> bits != 0) {
            bits++;
        }
    }
    return bits;
}

uint64_t smmu_streams_linear_size(const struct smmu *smmu)
{
    return smmu->features.has_two_levels ? 0 : (uint64_t)STE_SIZE << bits_of(smmu->setup.config);
}

/* They abort. */
static void clear_entries(uintptr_t table, uint64_t size)
{
    for (uint64_t i = 0; i < size; i += STE_SIZE) {
        smmu_store(table + i, STE0_VALID);
    }
}

static void tell(const struct smmu *smmu, uintptr_t table, uint32_t format)
{
    uintptr_t registers = smmu->setup.registers;

    smmu_write_register64(registers + SMMU_STRTAB_BASE,
                          STRTAB_RA | smmu_paddr_of(&smmu->memory, table));
    smmu_write_register(registers + SMMU_STRTAB_BASE_CFG, format | bits_of(smmu->setup.config));
}

static bool lay_linear(struct smmu *smmu)
{
    uint64_t size = smmu_streams_linear_size(smmu);
    uintptr_t table = smmu_take(&smmu->memory, size);

    if (table == 0) {
        return false;
    }
    clear_entries(table, size);
    for (unsigned int i = 0; i < smmu->setup.config->stream_count; i++) {
        smmu->streams[i].entry = table + (uint64_t)smmu->setup.config->streams[i].id * STE_SIZE;
    }
    tell(smmu, table, 0);
    return true;
}

/* What has no table of the second level aborts as well. */
static bool lay_two_levels(struct smmu *smmu)
{
    const struct smmu_config *config = smmu->setup.config;
    uint64_t size = 8UL << (bits_of(config) - SPLIT);
    uintptr_t table = smmu_take(&smmu->memory, size < SMMU_PAGE ? SMMU_PAGE : size);

    if (table == 0) {
        return false;
    }
    for (unsigned int i = 0; i < config->stream_count; i++) {
        uint32_t id = config->streams[i].id;
        uintptr_t slot = table + 8UL * (id >> SPLIT);
        uintptr_t second = smmu_vaddr_of(&smmu->memory, smmu_load(slot) & ~(SMMU_PAGE - 1));

        if (smmu_load(slot) == 0) {
            second = smmu_take(&smmu->memory, SPLIT_SIZE);
            if (second == 0) {
                return false;
            }
            clear_entries(second, SPLIT_SIZE);
            smmu_store(slot, smmu_paddr_of(&smmu->memory, second) | L1STD_SPAN(SPLIT));
        }
        smmu->streams[i].entry = second + (id & ((1U << SPLIT) - 1)) * STE_SIZE;
    }
    tell(smmu, table, STRTAB_CFG_TWO | STRTAB_CFG_SPLIT(SPLIT));
    return true;
}

/* VMID and ASID of a domain. */
static unsigned int tag_of(const struct smmu *smmu, unsigned int stream)
{
    return smmu->setup.config->streams[stream].domain + 1U;
}

static uint64_t root_of(const struct smmu *smmu, unsigned int stream)
{
    return smmu->domains[smmu->setup.config->streams[stream].domain].root;
}

static uint64_t stage2_word(const struct smmu *smmu, unsigned int stream)
{
    return STE2_VMID(tag_of(smmu, stream)) | STE2_T0SZ(64 - smmu->input_bits) |
           STE2_SL0(smmu_pagetable_first(smmu) == 0 ? 2 : 1) | STE2_PS(smmu->features.output_size) |
           STE2_AA64 | STE2_R;
}

static uint64_t stage1_word(const struct smmu *smmu, unsigned int stream)
{
    return CD0_T0SZ(64 - smmu->input_bits) | CD0_T1SZ(64 - smmu->input_bits) | CD0_TG1_4K |
           CD0_EPD1 | CD0_VALID | CD0_IPS(smmu->features.output_size) | CD0_AA64 | CD0_R | CD0_A |
           CD0_ASET | CD0_ASID(tag_of(smmu, stream));
}

static void lay_stage2(struct smmu *smmu, unsigned int stream)
{
    uintptr_t entry = smmu->streams[stream].entry;

    smmu_store(entry + 8, STE1_SHCFG_INPUT);
    smmu_store(entry + 16, stage2_word(smmu, stream));
    smmu_store(entry + 24, root_of(smmu, stream));
    smmu->streams[stream].translating = STE0_VALID | STE0_CONFIG_S2;
}

static void lay_stage1(struct smmu *smmu, unsigned int stream, uintptr_t descriptor)
{
    smmu_store(descriptor, stage1_word(smmu, stream));
    smmu_store(descriptor + 8, root_of(smmu, stream));
    smmu_store(descriptor + 24, CD3_MAIR);
    smmu_store(smmu->streams[stream].entry + 8, STE1_SHCFG_INPUT);
    smmu->streams[stream].descriptor = descriptor;
    smmu->streams[stream].translating =
        STE0_VALID | STE0_CONFIG_S1 | smmu_paddr_of(&smmu->memory, descriptor);
}

bool smmu_streams_init(struct smmu *smmu)
{
    uintptr_t descriptors = smmu_take(&smmu->memory, SMMU_PAGE);

    _Static_assert(SMMU_CONFIG_MAX_STREAMS * CD_SIZE <= SMMU_PAGE, "context descriptors");
    if (descriptors == 0 ||
        !(smmu->features.has_two_levels ? lay_two_levels(smmu) : lay_linear(smmu))) {
        return false;
    }
    for (unsigned int i = 0; i < smmu->setup.config->stream_count; i++) {
        if (smmu->features.has_stage2) {
            lay_stage2(smmu, i);
        } else {
            lay_stage1(smmu, i, descriptors + (uintptr_t)CD_SIZE * i);
        }
    }
    return true;
}

/* Entry and context descriptor, as they are in memory, are what the SMMU goes by. */
static bool reload(struct smmu *smmu, unsigned int stream)
{
    uint64_t id = CMD_SID(smmu->setup.config->streams[stream].id);

    smmu_barrier();
    smmu_command(smmu, CMD_CFGI_STE | id, CMD1_LEAF);
    smmu_command(smmu, CMD_CFGI_CD_ALL | id, 0);
    return smmu_sync(smmu);
}

static bool forget_translations(struct smmu *smmu, unsigned int stream)
{
    unsigned int tag = tag_of(smmu, stream);

    smmu_command(smmu,
                 smmu->features.has_stage2 ? CMD_TLBI_S12_VMALL | CMD_VMID(tag)
                                           : CMD_TLBI_NH_ASID | CMD_ASID(tag),
                 0);
    return smmu_sync(smmu);
}

bool smmu_stream_detach(struct smmu *smmu, unsigned int stream)
{
    smmu->streams[stream].is_attached = false;
    smmu_store(smmu->streams[stream].entry, STE0_VALID);
    return reload(smmu, stream) && forget_translations(smmu, stream);
}

bool smmu_stream_attach(struct smmu *smmu, unsigned int stream)
{
    if (smmu->streams[stream].is_suppressed) {
        smmu_stream_record(smmu, stream, true);
    }
    smmu_store(smmu->streams[stream].entry, smmu->streams[stream].translating);
    if (!reload(smmu, stream)) {
        (void)smmu_stream_detach(smmu, stream);
        return false;
    }
    smmu->streams[stream].is_attached = true;
    return true;
}

void smmu_stream_record(struct smmu *smmu, unsigned int stream, bool is_recorded)
{
    const struct smmu_stream *changed = &smmu->streams[stream];
    bool is_stage2 = smmu->features.has_stage2;
    uintptr_t word = is_stage2 ? changed->entry + 16 : changed->descriptor;
    uint64_t bit = is_stage2 ? STE2_R : CD0_R;

    smmu_store(word, is_recorded ? smmu_load(word) | bit : smmu_load(word) & ~bit);
    smmu->streams[stream].is_suppressed = !is_recorded;
    (void)reload(smmu, stream);
}
