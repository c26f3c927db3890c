/* SPDX-License-Identifier: BSD-2-Clause */
/* See commands.h. */
#include "components/smmu/commands.h"

#include "components/serial/clock.h"
#include "components/smmu/errors.h"
#include "components/smmu/hardware.h"
#include "components/smmu/memory.h"
#include "components/smmu/registers.h"

#define BITS_MAX 8 /* a page of them */

static uint64_t limit(void)
{
    return clock_now() + clock_frequency() / 1000 * SMMU_LIMIT_MS;
}

bool smmu_wait_for(uintptr_t address, uint32_t mask, uint32_t value)
{
    uint64_t late = limit();

    while ((smmu_read_register(address) & mask) != value) {
        if (clock_now() >= late) {
            return (smmu_read_register(address) & mask) == value;
        }
    }
    return true;
}

bool smmu_commands_init(struct smmu *smmu)
{
    struct smmu_commands *commands = &smmu->commands;
    uintptr_t registers = smmu->setup.registers;

    *commands = (struct smmu_commands){
        .queue = smmu_take(&smmu->memory, SMMU_PAGE),
        .bits = smmu->features.command_bits < BITS_MAX ? smmu->features.command_bits : BITS_MAX,
    };
    if (commands->queue == 0) {
        return false;
    }
    smmu_write_register64(registers + SMMU_CMDQ_BASE,
                          QUEUE_RA | smmu_paddr_of(&smmu->memory, commands->queue) |
                              commands->bits);
    smmu_write_register(registers + SMMU_CMDQ_PROD, 0);
    smmu_write_register(registers + SMMU_CMDQ_CONS, 0);
    return true;
}

static uintptr_t entry_at(const struct smmu_commands *commands, uint32_t index)
{
    return commands->queue + (index & ((1U << commands->bits) - 1)) * CMD_SIZE;
}

/* Entries that are not done. More than the queue has: the index is none, and nothing is known. */
static uint32_t pending(const struct smmu *smmu)
{
    const struct smmu_commands *commands = &smmu->commands;
    uint32_t cons = smmu_read_register(smmu->setup.registers + SMMU_CMDQ_CONS) & CMDQ_CONS_INDEX;

    return (commands->prod - cons) & ((2U << commands->bits) - 1);
}

/* Until at most `most` commands are pending. */
static bool wait_until(struct smmu *smmu, uint32_t most)
{
    uint64_t late = limit();

    while (pending(smmu) > most) {
        smmu_errors_take(smmu);
        if (smmu->commands.is_late || clock_now() >= late) {
            smmu->commands.is_late = pending(smmu) > most;
            return !smmu->commands.is_late;
        }
    }
    return true;
}

void smmu_command(struct smmu *smmu, uint64_t word0, uint64_t word1)
{
    struct smmu_commands *commands = &smmu->commands;

    if (!wait_until(smmu, (1U << commands->bits) - 1)) {
        commands->error_count++;
        return;
    }
    smmu_store(entry_at(commands, commands->prod), word0);
    smmu_store(entry_at(commands, commands->prod) + 8, word1);
    commands->prod = (commands->prod + 1) & ((2U << commands->bits) - 1);
    smmu_barrier(); /* the command, and the tables that it is about, before the SMMU looks */
    smmu_write_register(smmu->setup.registers + SMMU_CMDQ_PROD, commands->prod);
}

bool smmu_sync(struct smmu *smmu)
{
    struct smmu_commands *commands = &smmu->commands;
    bool is_done;

    if (commands->is_late && pending(smmu) > 0) {
        return false;
    }
    commands->is_late = false;
    smmu_command(smmu, CMD_SYNC, 0);
    is_done = wait_until(smmu, 0) && commands->error_count == commands->synced_errors;
    commands->synced_errors = commands->error_count;
    return is_done;
}

void smmu_commands_repair(struct smmu *smmu)
{
    struct smmu_commands *commands = &smmu->commands;
    uint32_t cons = smmu_read_register(smmu->setup.registers + SMMU_CMDQ_CONS) & CMDQ_CONS_INDEX;

    commands->error_count++;
    smmu_store(entry_at(commands, cons), CMD_SYNC);
    smmu_store(entry_at(commands, cons) + 8, 0);
    smmu_barrier(); /* before GERRORN says that it may be read again */
}
