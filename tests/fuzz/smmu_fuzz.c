/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the owner of an SMMUv3: what the SMMU writes, and what VMMs ask. Input: two
 * bytes that change the identification registers, then steps of eight bytes: calls on any channel,
 * for any stream; interrupts; functions that ask for memory; events, errors and indices as no SMMU
 * has them; commands that it refuses, or is slow with; and time.
 *
 * Whatever happens, a stream that is not attached reaches nothing, one that is reaches its guest's
 * RAM and doorbell alone, and translation tables stay as they were built. A call ends.
 */
#include <stdlib.h>
#include <string.h>

#include "components/smmu/memory.h"
#include "components/smmu/registers.h"

#include "tests/unit/components/smmu/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct step {
    uint8_t kind;
    uint8_t flags;
    uint16_t small;
    uint32_t value;
} __attribute__((packed));

#define STREAMS 3
#define TWO     (RIG_TWO & ~0x1fffffUL) /* in large pages: tables that are soon summed */

static const uint32_t streams[] = {RIG_DISK, RIG_NET, RIG_USB};
static bool is_attached[STREAMS]; /* as its VMM was told */
static bool is_sure[STREAMS];     /* detached, and nothing of it is in the SMMU */

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static microkit_channel channel_of(unsigned int stream)
{
    return stream == 2 ? RIG_CH_TWO : RIG_CH_ONE;
}

static void call(const struct step *step)
{
    static const microkit_channel channels[] = {RIG_CH_ONE, RIG_CH_TWO, RIG_EVENTS, 61};
    unsigned int stream = step->small % STREAMS;
    microkit_channel ch = (step->flags & 1) == 0 ? channel_of(stream) : channels[step->value & 3];
    uint64_t id = (step->flags & 2) == 0 ? streams[stream] : step->value;
    enum smmu_call what = (enum smmu_call)(step->kind >> 4);
    enum smmu_status status = rig_call(ch, what, id);

    require(status >= SMMU_OK && status <= SMMU_FAILED);
    for (unsigned int i = 0; i < STREAMS; i++) {
        if (id != streams[i] || ch != channel_of(i)) {
            continue;
        }
        if (what == SMMU_ATTACH) {
            is_attached[i] = status == SMMU_OK;
            is_sure[i] = false;
        } else if (what == SMMU_DETACH) {
            is_attached[i] = false;
            is_sure[i] = status == SMMU_OK;
        }
    }
}

/* Where it may go, if anywhere. */
static bool is_its(unsigned int stream, uint64_t address, uint64_t paddr)
{
    if (stream != 2 && address / SMMU_PAGE == RIG_DOORBELL / SMMU_PAGE) {
        return paddr == address;
    }
    return address >= RIG_RAM && address < RIG_RAM + RIG_SIZE &&
           paddr - (stream == 2 ? TWO : RIG_ONE) == address - RIG_RAM;
}

static void access(const struct step *step)
{
    static const uint64_t near[] = {RIG_RAM, RIG_RAM + RIG_SIZE - 0x8000, RIG_DOORBELL, 0};
    unsigned int stream = step->small % STREAMS;
    uint64_t address = near[step->flags & 3] + (step->value & 0xffff);
    uint64_t paddr;

    if ((step->flags & 4) != 0) {
        address = (uint64_t)step->value << (step->flags >> 3);
    }
    if (fake_smmu_access(streams[stream], address, (step->kind & 0x10) != 0, &paddr)) {
        require(is_its(stream, address, paddr) && !is_sure[stream]);
    }
    require(!fake_smmu_access(step->small | 0x8000U, address, false, &paddr));
}

static void misbehave(const struct step *step)
{
    fake_smmu.is_stuck = (step->flags & 1) != 0;
    fake_smmu.has_bad_cons = (step->flags & 2) != 0;
    fake_smmu.has_bad_prod = (step->flags & 4) != 0;
    fake_smmu.delay = step->flags >> 4 & 3;
    fake_smmu.refuses = (step->flags & 8) != 0 ? step->small & 0xff : 0;
    fake_smmu.bad_cons = step->value;
    fake_smmu.bad_prod = step->value;
}

static void perform(const struct step *step)
{
    switch (step->kind & 7) {
    case 0:
        fake_clock_wait(step->small);
        break;
    case 1:
    case 2:
        call(step);
        break;
    case 3:
        smmu_notified(&rig_smmu, step->flags & 3);
        break;
    case 4:
        access(step);
        break;
    case 5:
        for (unsigned int i = 0; i < step->flags; i++) {
            fake_smmu_event((step->kind & 8) != 0 ? streams[step->small % STREAMS] : step->value,
                            step->small >> 8, (step->kind & 0x10) != 0, step->value);
        }
        break;
    case 6:
        fake_smmu_error(step->value & GERROR_ALL);
        break;
    default:
        misbehave(step);
        break;
    }
}

static void check_entries(void)
{
    for (unsigned int i = 0; i < STREAMS && rig_smmu.is_ready; i++) {
        uint64_t entry = fake_smmu_word(smmu_paddr_of(&rig_smmu.memory, rig_smmu.streams[i].entry));

        require(entry == STE0_VALID ||
                (is_attached[i] && entry == rig_smmu.streams[i].translating));
        require(rig_smmu.streams[i].is_attached == is_attached[i]);
    }
}

/* Of what is built once: all but queues, and the words that change. */
static uint64_t sum_tables(void)
{
    uint64_t sum = 0;

    for (uint64_t i = 2 * SMMU_PAGE; i < rig_smmu.memory.used; i += 8) {
        uint64_t at = FAKE_SMMU_PADDR + i;
        bool changes = false;

        for (unsigned int j = 0; j < STREAMS; j++) {
            uint64_t entry = rig_smmu.streams[j].entry - rig_smmu.memory.vaddr;
            uint64_t descriptor = rig_smmu.streams[j].descriptor - rig_smmu.memory.vaddr;

            changes = changes || i == entry || i == entry + 16 || i == descriptor;
        }
        sum = changes ? sum : sum * 31 + fake_smmu_word(at);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t sum;
    struct step step;

    rig_reset();
    rig_paddrs[1] = TWO;
    memset(is_attached, 0, sizeof(is_attached));
    memset(is_sure, 0, sizeof(is_sure));
    if (size >= 2) {
        fake_smmu.registers32[SMMU_IDR0 / 4] ^= (data[0] & 3U) | (data[0] & 0x60U) << 22;
        fake_smmu.registers32[SMMU_IDR1 / 4] ^= (uint32_t)(data[1] & 0xf0) << 16;
        fake_smmu.registers32[SMMU_IDR5 / 4] ^= data[1] & 7U;
        data += 2;
        size -= 2;
    }
    rig_start();
    sum = sum_tables();
    for (; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
        check_entries();
        fake.console[0] = '\0';
    }
    require(sum == sum_tables());
    return 0;
}
