/* SPDX-License-Identifier: BSD-2-Clause */
/* See owner.h. */
#include "components/smmu/owner.h"

#include <inttypes.h>
#include <stddef.h>

#include "components/smmu/commands.h"
#include "components/smmu/errors.h"
#include "components/smmu/events.h"
#include "components/smmu/features.h"
#include "components/smmu/hardware.h"
#include "components/smmu/memory.h"
#include "components/smmu/pagetable.h"
#include "components/smmu/ranges.h"
#include "components/smmu/registers.h"
#include "components/smmu/report.h"
#include "components/smmu/smmu.h"
#include "components/smmu/streams.h"

static bool set_control(const struct smmu *smmu, uint32_t control, uint32_t acknowledged,
                        uint32_t value)
{
    smmu_write_register(smmu->setup.registers + control, value);
    if (!smmu_wait_for(smmu->setup.registers + acknowledged, ~0U, value)) {
        smmu_report("CR0 or IRQ_CTRL: expected 0x%x acknowledged, found 0x%x", (unsigned int)value,
                    (unsigned int)smmu_read_register(smmu->setup.registers + acknowledged));
        return false;
    }
    return true;
}

/* Off, and while it is, nothing passes: whatever becomes of the rest. QEMU 7.2's has no GBPA, and
 * lets everything pass until it is on, when nobody masters DMA yet. */
static bool stop(const struct smmu *smmu)
{
    uintptr_t gbpa = smmu->setup.registers + SMMU_GBPA;

    if (smmu->setup.registers == 0) {
        return true; /* smmu_config_is_sound() tells */
    }
    if (smmu_wait_for(gbpa, GBPA_UPDATE, 0)) {
        smmu_write_register(gbpa, GBPA_UPDATE | GBPA_ABORT);
        (void)smmu_wait_for(gbpa, GBPA_UPDATE, 0);
    }
    return set_control(smmu, SMMU_CR0, SMMU_CR0ACK, 0) &&
           set_control(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, 0);
}

static bool fits(struct smmu *smmu)
{
    const struct smmu_config *config = smmu->setup.config;
    uint64_t paddr_end;
    uint64_t end = smmu_ranges_end(&smmu->setup, &paddr_end);
    uint64_t need = smmu_config_pages(config, smmu->setup.paddrs) * SMMU_PAGE +
                    2 * smmu_streams_linear_size(smmu);

    if (!smmu_pagetable_init(smmu, end) || paddr_end > 1UL << smmu->features.output_bits) {
        smmu_report("IDR5: expected addresses up to 0x%" PRIx64 ", found %u bits of them",
                    end > paddr_end ? end : paddr_end, smmu->features.output_bits);
        return false;
    }
    for (unsigned int i = 0; i < config->stream_count; i++) {
        if ((uint64_t)config->streams[i].id >> smmu->features.stream_bits != 0) {
            smmu_report("IDR1: expected StreamIDs up to 0x%x, found %u bits of them",
                        (unsigned int)config->streams[i].id, smmu->features.stream_bits);
            return false;
        }
    }
    if (need > smmu->setup.tables_size) {
        smmu_report("smmu_tables: expected at least 0x%" PRIx64 " bytes, found 0x%" PRIx64, need,
                    smmu->setup.tables_size);
        return false;
    }
    return true;
}

/* Everything that the SMMU reads, before it reads. */
static bool lay_out(struct smmu *smmu)
{
    smmu->memory = (struct smmu_memory){.vaddr = smmu->setup.tables,
                                        .paddr = smmu->setup.tables_paddr,
                                        .size = smmu->setup.tables_size};
    smmu_write_register(smmu->setup.registers + SMMU_CR1, CR1_NOT_CACHED);
    smmu_write_register(smmu->setup.registers + SMMU_CR2, CR2_PTM);
    if (!smmu_commands_init(smmu) || !smmu_events_init(smmu)) {
        return false;
    }
    for (unsigned int i = 0; i < smmu->setup.config->domain_count; i++) {
        if (!smmu_pagetable_build(smmu, i)) {
            smmu_report("%.*s: expected memory for its tables, found too little",
                        (int)sizeof(smmu->setup.config->domains[i].name),
                        smmu->setup.config->domains[i].name);
            return false;
        }
    }
    return smmu_streams_init(smmu);
}

/* What the SMMU knows of whoever had it before is forgotten. */
static bool forget_all(struct smmu *smmu)
{
    smmu_command(smmu, CMD_CFGI_ALL, CMD1_ALL);
    if (smmu->features.has_hyp) {
        smmu_command(smmu, CMD_TLBI_EL2_ALL, 0);
    }
    smmu_command(smmu, CMD_TLBI_NSNH_ALL, 0);
    if (!smmu_sync(smmu)) {
        smmu_report("the command queue: expected an empty one, found it waiting");
        return false;
    }
    return true;
}

static bool turn_on(struct smmu *smmu)
{
    return set_control(smmu, SMMU_CR0, SMMU_CR0ACK, CR0_CMDQEN) && forget_all(smmu) &&
           set_control(smmu, SMMU_CR0, SMMU_CR0ACK, CR0_CMDQEN | CR0_EVENTQEN) &&
           set_control(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, IRQ_GERROR | IRQ_EVENTQ) &&
           set_control(smmu, SMMU_CR0, SMMU_CR0ACK, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

void smmu_start(struct smmu *smmu, const struct smmu_setup *setup)
{
    smmu->setup = *setup;
    smmu->is_ready = stop(smmu) && smmu_config_is_sound(setup) &&
                     smmu_find_features(&smmu->features, setup->registers) && fits(smmu) &&
                     lay_out(smmu) && turn_on(smmu);
    if (!smmu->is_ready) {
        smmu_report("no function can master DMA");
    }
}

void smmu_notified(struct smmu *smmu, microkit_channel ch)
{
    const struct smmu_config *config = smmu->setup.config;

    if (smmu->is_ready) {
        smmu_errors_take(smmu);
        smmu_events_take(smmu);
    }
    if (ch == config->event_channel || ch == config->error_channel) {
        microkit_irq_ack(ch);
    }
}

/* The stream's index, if it is one of the channel's domain; -1: it is not. */
static int find_stream(const struct smmu *smmu, microkit_channel ch, uint64_t id)
{
    const struct smmu_config *config = smmu->setup.config;

    for (unsigned int i = 0; i < config->stream_count; i++) {
        if (config->streams[i].id == id &&
            config->domains[config->streams[i].domain].channel == ch) {
            return (int)i;
        }
    }
    return -1;
}

static enum smmu_status attach(struct smmu *smmu, unsigned int stream)
{
    smmu_faults_begin(smmu, stream);
    return smmu_stream_attach(smmu, stream) ? SMMU_OK : SMMU_FAILED;
}

static enum smmu_status detach(struct smmu *smmu, unsigned int stream)
{
    return smmu_stream_detach(smmu, stream) ? SMMU_OK : SMMU_FAILED;
}

static enum smmu_status tell(struct smmu *smmu, unsigned int stream)
{
    uint64_t words[SMMU_FAULTS_WORDS];

    smmu_faults_tell(smmu, stream, words);
    for (uint8_t i = 0; i < SMMU_FAULTS_WORDS; i++) {
        microkit_mr_set(i, words[i]);
    }
    return SMMU_OK;
}

microkit_msginfo smmu_called(struct smmu *smmu, microkit_channel ch, microkit_msginfo info)
{
    static enum smmu_status (*const calls[])(struct smmu * smmu, unsigned int stream) = {
        [SMMU_ATTACH] = attach, [SMMU_DETACH] = detach, [SMMU_FAULTS] = tell};
    uint64_t label = microkit_msginfo_get_label(info);
    enum smmu_status status;
    int stream;

    if (label >= sizeof(calls) / sizeof(calls[0]) || calls[label] == NULL ||
        microkit_msginfo_get_count(info) != 1) {
        return microkit_msginfo_new(SMMU_BAD_CALL, 0);
    }
    if (!smmu->is_ready) {
        return microkit_msginfo_new(SMMU_FAILED, 0);
    }
    stream = find_stream(smmu, ch, microkit_mr_get(0));
    if (stream < 0) {
        return microkit_msginfo_new(SMMU_NOT_YOURS, 0);
    }
    smmu_errors_take(smmu);
    smmu_events_take(smmu);
    status = calls[label](smmu, (unsigned int)stream);
    return microkit_msginfo_new(status, label == SMMU_FAULTS ? SMMU_FAULTS_WORDS : 0);
}
