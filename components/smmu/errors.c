/* SPDX-License-Identifier: BSD-2-Clause */
/* See errors.h. */
#include "components/smmu/errors.h"

#include "components/smmu/commands.h"
#include "components/smmu/hardware.h"
#include "components/smmu/registers.h"
#include "components/smmu/report.h"

void smmu_errors_take(struct smmu *smmu)
{
    uintptr_t registers = smmu->setup.registers;
    uint32_t now = smmu_read_register(registers + SMMU_GERROR);
    uint32_t active = (now ^ smmu_read_register(registers + SMMU_GERRORN)) & GERROR_ALL;

    if (active == 0) {
        return;
    }
    if ((active & GERROR_CMDQ) != 0) {
        smmu_commands_repair(smmu);
    }
    if ((active & GERROR_EVENTQ_ABT) != 0) {
        smmu->events.lost_count++;
    }
    /* A full event queue is nothing to be told of. */
    if ((active & ~(smmu->events.reported | GERROR_EVENTQ_ABT)) != 0) {
        smmu_report("GERROR: expected no error, found 0x%03x%s", (unsigned int)active,
                    (active & GERROR_SFM) != 0 ? ": it serves nobody any more" : "");
    }
    smmu->events.reported |= active;
    smmu_write_register(registers + SMMU_GERRORN, now);
}
