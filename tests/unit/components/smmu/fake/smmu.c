/* SPDX-License-Identifier: BSD-2-Clause */
/* See smmu.h. */
#include "tests/unit/components/smmu/fake/smmu.h"

#include <stdlib.h>
#include <string.h>

#include "components/smmu/hardware.h"
#include "components/smmu/registers.h"

struct fake_smmu fake_smmu;
_Alignas(0x10000) uint8_t fake_smmu_memory[FAKE_SMMU_MEMORY];

static uint64_t written_end = FAKE_SMMU_MEMORY; /* of what may not be as after a reset */

#define REGISTER(offset) fake_smmu.registers32[(offset) / 4]

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

void fake_smmu_reset(void)
{
    memset(&fake_smmu, 0, sizeof(fake_smmu));
    memset(fake_smmu_memory, 0xa5, written_end);
    written_end = 0;
    REGISTER(SMMU_IDR0) = FAKE_SMMU_IDR0;
    REGISTER(SMMU_IDR1) = FAKE_SMMU_IDR1;
    REGISTER(SMMU_IDR5) = FAKE_SMMU_IDR5;
    REGISTER(SMMU_GBPA) = 0x1000;
}

static uint64_t *at(uint64_t paddr)
{
    require(paddr >= FAKE_SMMU_PADDR && paddr < FAKE_SMMU_PADDR + FAKE_SMMU_MEMORY &&
            paddr % 8 == 0);
    return (uint64_t *)(void *)&fake_smmu_memory[paddr - FAKE_SMMU_PADDR];
}

uint64_t fake_smmu_word(uint64_t paddr)
{
    return *at(paddr);
}

static uint64_t *at_vaddr(uintptr_t address)
{
    uintptr_t start = (uintptr_t)fake_smmu_memory;

    require(address >= start && address < start + FAKE_SMMU_MEMORY);
    return at(FAKE_SMMU_PADDR + (address - start));
}

uint64_t smmu_load(uintptr_t address)
{
    return *at_vaddr(address);
}

void smmu_store(uintptr_t address, uint64_t value)
{
    uint64_t end = address - (uintptr_t)fake_smmu_memory + sizeof(value);

    *at_vaddr(address) = value;
    fake_smmu.stores++;
    written_end = end > written_end ? end : written_end;
}

void smmu_barrier(void)
{
}

static void forget(struct fake_smmu_copy *copies, bool all, uint64_t stream, uint64_t tag)
{
    for (unsigned int i = 0; i < FAKE_SMMU_COPIES; i++) {
        if (all || copies[i].stream == stream || copies[i].tag == tag) {
            copies[i].is_there = false;
        }
    }
}

#define NO_STREAM UINT64_MAX
#define NO_TAG    UINT64_MAX

static void forget_everything(void)
{
    forget(fake_smmu.entries, true, 0, 0);
    forget(fake_smmu.descriptors, true, 0, 0);
    forget(fake_smmu.translations, true, 0, 0);
}

static void obey(uint64_t word0, uint64_t word1)
{
    switch (word0 & 0xff) {
    case CMD_CFGI_STE:
        forget(fake_smmu.entries, false, word0 >> 32, NO_TAG);
        break;
    case CMD_CFGI_CD_ALL:
        forget(fake_smmu.descriptors, false, word0 >> 32, NO_TAG);
        break;
    case CMD_CFGI_ALL:
        require(word1 == CMD1_ALL);
        forget_everything();
        break;
    case CMD_TLBI_NH_ASID:
        forget(fake_smmu.translations, false, NO_STREAM, word0 >> 48);
        break;
    case CMD_TLBI_S12_VMALL:
        forget(fake_smmu.translations, false, NO_STREAM, word0 >> 32 & 0xffff);
        break;
    case CMD_TLBI_NSNH_ALL:
        forget(fake_smmu.translations, true, 0, 0);
        break;
    case CMD_TLBI_EL2_ALL:
    case CMD_SYNC:
        break;
    default:
        abort();
    }
}

void fake_smmu_error(uint32_t bits)
{
    uint32_t active = REGISTER(SMMU_GERROR) ^ REGISTER(SMMU_GERRORN);

    REGISTER(SMMU_GERROR) ^= bits & ~active;
}

static uint32_t queue_mask(uint64_t base)
{
    return (2U << (base & 0x1f)) - 1;
}

static bool stands(void)
{
    return fake_smmu.is_stuck || (REGISTER(SMMU_CR0) & CR0_CMDQEN) == 0 ||
           ((REGISTER(SMMU_GERROR) ^ REGISTER(SMMU_GERRORN)) & GERROR_CMDQ) != 0;
}

static void work(void)
{
    uint32_t mask = queue_mask(fake_smmu.cmdq);
    uint32_t cons = REGISTER(SMMU_CMDQ_CONS) & mask;
    uint64_t paddr = (fake_smmu.cmdq & 0xfffffffffffe0) + (cons & mask >> 1) * CMD_SIZE;

    if (stands() || cons == (REGISTER(SMMU_CMDQ_PROD) & mask)) {
        return;
    }
    if (((REGISTER(SMMU_CMDQ_PROD) - cons) & mask) > mask / 2 + 1) {
        require(fake_smmu.has_lied);
        return;
    }
    if (fake_smmu.reads_until_done > 0) {
        fake_smmu.reads_until_done--;
        return;
    }
    fake_smmu.reads_until_done = fake_smmu.delay;
    if (fake_smmu.refuses != 0 && (*at(paddr) & 0xff) == fake_smmu.refuses) {
        fake_smmu.refuses = 0;
        REGISTER(SMMU_CMDQ_CONS) = cons | 1U << 24;
        fake_smmu_error(GERROR_CMDQ);
        return;
    }
    obey(*at(paddr), *at(paddr + 8));
    fake_smmu.log[fake_smmu.logged++ % FAKE_SMMU_LOG] = *at(paddr);
    REGISTER(SMMU_CMDQ_CONS) = (cons + 1) & mask;
}

uint32_t smmu_read_register(uintptr_t address)
{
    uintptr_t offset = address - FAKE_SMMU_REGISTERS;

    switch (offset) {
    case SMMU_CMDQ_CONS:
        if (fake_smmu.has_bad_cons) {
            fake_smmu.has_lied = true;
            return fake_smmu.bad_cons;
        }
        work();
        return REGISTER(offset);
    case SMMU_EVENTQ_PROD:
        return fake_smmu.has_bad_prod ? fake_smmu.bad_prod : fake_smmu.event_prod;
    case SMMU_EVENTQ_CONS:
        return fake_smmu.event_cons;
    default:
        require(offset < sizeof(fake_smmu.registers32));
        return REGISTER(offset);
    }
}

void smmu_write_register(uintptr_t address, uint32_t value)
{
    uintptr_t offset = address - FAKE_SMMU_REGISTERS;

    if (fake_smmu.first_write == 0) {
        fake_smmu.first_write = (uint32_t)offset;
    }
    switch (offset) {
    case SMMU_EVENTQ_PROD:
        fake_smmu.event_prod = value;
        return;
    case SMMU_EVENTQ_CONS:
        fake_smmu.event_cons = value;
        return;
    case SMMU_GBPA:
        if (!fake_smmu.has_no_gbpa && (value & GBPA_UPDATE) != 0) {
            REGISTER(offset) = value & ~GBPA_UPDATE;
        }
        return;
    case SMMU_CR0:
    case SMMU_IRQ_CTRL:
        if (!fake_smmu.never_acknowledges) {
            REGISTER(offset + 4) = value;
        }
        break;
    case SMMU_IDR0:
    case SMMU_IDR1:
    case SMMU_IDR5:
    case SMMU_GERROR:
        abort(); /* read-only */
    default:
        break;
    }
    require(offset < sizeof(fake_smmu.registers32));
    REGISTER(offset) = value;
}

void smmu_write_register64(uintptr_t address, uint64_t value)
{
    switch (address - FAKE_SMMU_REGISTERS) {
    case SMMU_STRTAB_BASE:
        fake_smmu.strtab = value;
        break;
    case SMMU_CMDQ_BASE:
        fake_smmu.cmdq = value;
        break;
    case SMMU_EVENTQ_BASE:
        fake_smmu.eventq = value;
        break;
    default:
        abort();
    }
}

void fake_smmu_event(uint32_t stream, uint32_t type, bool is_write, uint64_t address)
{
    uint32_t mask = queue_mask(fake_smmu.eventq);
    uint32_t prod = fake_smmu.event_prod & mask;
    uint64_t paddr = (fake_smmu.eventq & 0xfffffffffffe0) + (prod & mask >> 1) * EVENT_SIZE;

    if ((REGISTER(SMMU_CR0) & CR0_EVENTQEN) == 0) {
        return;
    }
    if (((prod - fake_smmu.event_cons) & mask) == mask / 2 + 1) {
        if (((fake_smmu.event_prod ^ fake_smmu.event_cons) & EVENTQ_OVERFLOW) == 0) {
            fake_smmu.event_prod ^= EVENTQ_OVERFLOW;
        }
        return;
    }
    *at(paddr) = type | (uint64_t)stream << 32;
    *at(paddr + 8) = is_write ? 0 : EVENT_IS_READ;
    *at(paddr + 16) = address;
    *at(paddr + 24) = 0;
    fake_smmu.event_prod =
        (fake_smmu.event_prod & EVENTQ_OVERFLOW) | ((fake_smmu.event_prod + 1) & mask);
}

/* NULL: the table has none, so that it aborts. */
static const uint64_t *find_entry(uint32_t stream)
{
    uint64_t base = fake_smmu.strtab & 0xfffffffffffc0;
    uint32_t config = REGISTER(SMMU_STRTAB_BASE_CFG);

    if (stream >> (config & 0x3f) != 0) {
        return NULL;
    }
    if ((config & STRTAB_CFG_TWO) != 0) {
        unsigned int split = config >> 6 & 0x1f;
        uint64_t first = *at(base + 8 * (uint64_t)(stream >> split));
        unsigned int span = first & 0x1f;

        require(base % (8UL << ((config & 0x3f) - split)) == 0);
        stream &= (1U << split) - 1;
        if (span == 0 || stream >> (span - 1) != 0) {
            return NULL;
        }
        base = first & 0xfffffffffffc0;
    }
    return at(base + (uint64_t)stream * STE_SIZE);
}

/* What it has a copy of, or takes one of now. */
static const uint64_t *copy_of(struct fake_smmu_copy *copies, uint32_t stream,
                               const uint64_t *words)
{
    struct fake_smmu_copy *copy = &copies[stream % FAKE_SMMU_COPIES];

    if (!copy->is_there || copy->stream != stream) {
        *copy = (struct fake_smmu_copy){.is_there = true, .stream = stream, .tag = NO_TAG - 1};
        memcpy(copy->words, words, sizeof(copy->words));
    }
    return copy->words;
}

struct access {
    uint32_t stream;
    uint64_t address;
    bool is_write;
    bool is_stage2;
    bool is_recorded;
    unsigned int bits;
    unsigned int level;
    uint64_t table;
    uint64_t tag;
};

/* 0: nothing is mapped there. */
static uint64_t walk(const struct access *access)
{
    uint64_t table = access->table;

    for (unsigned int level = access->level; level <= 3; level++) {
        unsigned int shift = 39 - 9 * level;
        uint64_t entry = *at(table + 8 * (access->address >> shift & 0x1ff));
        uint64_t below = (1UL << shift) - 1;

        if ((entry & 1) == 0) {
            return 0;
        }
        if (level == 3 || (entry & 2) == 0) {
            require(level > 0 && (entry & 2) == (level == 3 ? 2 : 0));
            require((entry & 0x0000fffffffff000 & below) == 0 && (entry & 1UL << 10) != 0);
            require((entry & 3UL << 6) == (access->is_stage2 ? 3UL << 6 : 1UL << 6));
            return (entry & 0x0000fffffffff000) | (access->address & below);
        }
        table = entry & 0x0000fffffffff000;
    }
    return 0;
}

static bool translate(const struct access *access, uint64_t *paddr)
{
    struct fake_smmu_copy *copy =
        &fake_smmu.translations[access->address / SMMU_PAGE % FAKE_SMMU_COPIES];

    if (!copy->is_there || copy->tag != access->tag || copy->page != access->address / SMMU_PAGE) {
        uint64_t found = access->address >> access->bits != 0 ? 0 : walk(access);

        if (found == 0) {
            return false;
        }
        *copy = (struct fake_smmu_copy){.is_there = true,
                                        .stream = UINT32_MAX,
                                        .tag = access->tag,
                                        .page = access->address / SMMU_PAGE,
                                        .paddr = found / SMMU_PAGE * SMMU_PAGE};
    }
    *paddr = copy->paddr + access->address % SMMU_PAGE;
    return true;
}

/* What a stage 2 or a context descriptor says; anything that is not as it is to be ends the test.
 */
static void read_stage2(struct access *access, const uint64_t *entry)
{
    require((entry[2] & STE2_AA64) != 0 && (entry[2] >> 46 & 3) == 0 &&
            (REGISTER(SMMU_IDR0) & IDR0_S2P) != 0);
    access->is_stage2 = true;
    access->bits = 64 - (entry[2] >> 32 & 0x3f);
    access->level = 2 - (entry[2] >> 38 & 3);
    access->table = entry[3];
    access->tag = entry[2] & 0xffff;
    access->is_recorded = (entry[2] & STE2_R) != 0;
}

static void read_stage1(struct access *access, const uint64_t *entry)
{
    const uint64_t *words =
        copy_of(fake_smmu.descriptors, access->stream, at(entry[0] & 0x000fffffffffffc0));

    require((words[0] & CD0_VALID) != 0 && (words[0] & CD0_AA64) != 0 && (words[0] & CD0_A) != 0 &&
            (words[0] & CD0_EPD1) != 0 && (words[0] >> 6 & 3) == 0);
    access->bits = 64 - (words[0] & 0x3f);
    access->level = access->bits > 39 ? 0 : 1;
    access->table = words[1];
    access->tag = words[0] >> 48;
    access->is_recorded = (words[0] & CD0_R) != 0;
}

bool fake_smmu_access(uint32_t stream, uint64_t address, bool is_write, uint64_t *paddr)
{
    struct access access = {.stream = stream, .address = address, .is_write = is_write};
    const uint64_t *entry;

    if ((REGISTER(SMMU_CR0) & CR0_SMMUEN) == 0) {
        *paddr = address;
        return (REGISTER(SMMU_GBPA) & GBPA_ABORT) == 0;
    }
    entry = find_entry(stream);
    if (entry == NULL) {
        return false;
    }
    entry = copy_of(fake_smmu.entries, stream, entry);
    require((entry[0] & STE0_VALID) != 0);
    switch (entry[0] & 0xe) {
    case STE0_CONFIG_S2:
        read_stage2(&access, entry);
        break;
    case STE0_CONFIG_S1:
        read_stage1(&access, entry);
        break;
    default:
        require((entry[0] & 0xe) == 0);
        return false;
    }
    require(access.level == 0 ? access.bits > 39 && access.bits <= 48 : access.bits <= 39);
    if (translate(&access, paddr)) {
        return true;
    }
    if (access.is_recorded) {
        fake_smmu_event(stream, EVENT_TRANSLATION, is_write, address);
    }
    return false;
}
