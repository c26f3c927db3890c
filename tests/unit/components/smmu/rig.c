/* SPDX-License-Identifier: BSD-2-Clause */
/* See rig.h. */
#include "tests/unit/components/smmu/rig.h"

#include <string.h>

#include "components/serial/clock.h"

#include "tests/unit/components/serial/fake/clock.h"

struct smmu rig_smmu;
struct smmu_config rig_config;
uint64_t rig_paddrs[SMMU_CONFIG_MAX_PADDRS];
struct smmu_setup rig_setup;

void rig_add_range(uint64_t ipa, uint64_t paddr, uint64_t size, uint32_t symbol, uint32_t flags)
{
    rig_config.ranges[rig_config.range_count++] =
        (struct smmu_config_range){ipa, paddr, size, symbol, flags};
    rig_config.domains[rig_config.domain_count - 1].range_count++;
}

static void add_domain(const char *name, uint16_t channel)
{
    struct smmu_config_domain *domain = &rig_config.domains[rig_config.domain_count++];

    strncpy(domain->name, name, sizeof(domain->name) - 1);
    domain->channel = channel;
    domain->first_range = (uint16_t)rig_config.range_count;
}

static void add_stream(const char *name, uint32_t id)
{
    struct smmu_config_stream *stream = &rig_config.streams[rig_config.stream_count++];

    strncpy(stream->name, name, sizeof(stream->name) - 1);
    stream->id = id;
    stream->domain = (uint16_t)(rig_config.domain_count - 1);
}

void rig_reset(void)
{
    fake_reset();
    fake_smmu_reset();
    fake_clock = (struct fake_clock){.now = 1000, .alarm = UINT64_MAX};
    fake_clock_run();
    memset(&rig_smmu, 0, sizeof(rig_smmu));
    memset(rig_paddrs, 0xff, sizeof(rig_paddrs));
    rig_paddrs[0] = RIG_ONE;
    rig_paddrs[1] = RIG_TWO;
    rig_config = (struct smmu_config){.magic = SMMU_CONFIG_MAGIC,
                                      .version = SMMU_CONFIG_VERSION,
                                      .event_channel = RIG_EVENTS,
                                      .error_channel = RIG_ERRORS};
    add_domain("one", RIG_CH_ONE);
    add_stream("disk", RIG_DISK);
    add_stream("net", RIG_NET);
    rig_add_range(RIG_DOORBELL, RIG_DOORBELL, 0x1000, SMMU_CONFIG_FIXED_PADDR, SMMU_CONFIG_DEVICE);
    rig_add_range(RIG_RAM, 0, RIG_SIZE, 0, 0);
    add_domain("two", RIG_CH_TWO);
    add_stream("usb", RIG_USB);
    rig_add_range(RIG_RAM, 0, RIG_SIZE, 1, 0);
    rig_setup = (struct smmu_setup){.config = &rig_config,
                                    .paddrs = rig_paddrs,
                                    .registers = FAKE_SMMU_REGISTERS,
                                    .tables = (uintptr_t)fake_smmu_memory,
                                    .tables_size = FAKE_SMMU_MEMORY,
                                    .tables_paddr = FAKE_SMMU_PADDR};
}

void rig_start(void)
{
    smmu_start(&rig_smmu, &rig_setup);
}

enum smmu_status rig_call(microkit_channel ch, enum smmu_call call, uint64_t stream)
{
    microkit_mr_set(0, stream);
    return (enum smmu_status)microkit_msginfo_get_label(
        smmu_called(&rig_smmu, ch, microkit_msginfo_new(call, 1)));
}
