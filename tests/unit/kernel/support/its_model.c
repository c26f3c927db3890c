/* SPDX-License-Identifier: BSD-2-Clause */
/* See its_model.h. Redistributors keep pending LPIs and copies of properties by themselves. */
#include "tests/unit/kernel/support/its_model.h"

#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"

#include "abi/image.h"
#include "kernel/arch/arch.h"

#define SENDERS  64
#define EVENTS   256
#define LPIS     256
#define FIRST    8192U
#define VALID    (1UL << 63)
#define ADDRESS  0x0000fffffffff000UL
#define SHARED   (3UL << 10)
#define COMMANDS 0x20

struct its_model its_model;

struct sender {
    bool is_mapped;
    uint32_t id;
    uint64_t table, size; /* of its ITT */
    struct {
        bool is_mapped;
        uint32_t intid, collection;
    } events[EVENTS];
};

static struct sender senders[SENDERS];
static struct {
    bool is_mapped;
    unsigned int core;
} collections[ITS_MODEL_CORES];
static struct {
    bool is_on;
    uint64_t properties, pending_table;
} cores[ITS_MODEL_CORES];
static int pending[LPIS];        /* on which core, or ITS_MODEL_NONE */
static uint8_t properties[LPIS]; /* as they were seen last */
static uint64_t cbaser, creadr, basers[8];
static uint32_t control;

void its_model_reset(void)
{
    memset(senders, 0, sizeof(senders));
    memset(collections, 0, sizeof(collections));
    memset(cores, 0, sizeof(cores));
    memset(properties, 0, sizeof(properties));
    for (unsigned int i = 0; i < LPIS; i++) {
        pending[i] = ITS_MODEL_NONE;
    }
    cbaser = creadr = 0;
    control = 1; /* firmware has used it */
    memset(basers, 0, sizeof(basers));
    its_model = (struct its_model){.revision = 3,
                                   .event_bits = 16,
                                   .id_bits = 16,
                                   .entry_size = 8,
                                   .has_collection_table = true,
                                   .is_coherent = true,
                                   .is_uncached = true};
}

/* ---- Commands ---- */

static struct sender *find_sender(uint32_t id)
{
    for (unsigned int i = 0; i < SENDERS; i++) {
        if (senders[i].is_mapped && senders[i].id == id) {
            return &senders[i];
        }
    }
    return NULL;
}

static void map_sender(const uint64_t *command)
{
    uint64_t entries = 2UL << (command[1] & 0x1f);
    unsigned int i = 0;

    assert_true((command[1] & 0x1f) < its_model.event_bits);
    assert_true((command[0] >> 32) >> its_model.id_bits == 0);
    assert_true(command[2] & VALID);
    assert_null(find_sender((uint32_t)(command[0] >> 32)));
    while (senders[i].is_mapped) {
        uint64_t end = senders[i].table + senders[i].size;

        assert_true((command[2] & ~VALID) >= end ||
                    (command[2] & ~VALID) + entries * IMAGE_ITS_EVENT <= senders[i].table);
        i++;
    }
    assert_int_equal(command[2] & 0xff, 0);
    senders[i] = (struct sender){.is_mapped = true,
                                 .id = (uint32_t)(command[0] >> 32),
                                 .table = command[2] & ~VALID,
                                 .size = entries * IMAGE_ITS_EVENT};
    assert_true(entries <= EVENTS);
}

static unsigned int core_named(uint64_t target)
{
    uint64_t name = target & 0x0000ffffffff0000UL;

    return (unsigned int)(its_model.names_by_address ? (name - ITS_MODEL_FRAME) / ITS_MODEL_STRIDE
                                                     : name >> 16);
}

static void map_collection(const uint64_t *command)
{
    uint64_t number = command[2] & 0xffff;
    unsigned int core = core_named(command[2]);

    assert_true(command[2] & VALID);
    assert_true(number < ITS_MODEL_CORES && core < ITS_MODEL_CORES && cores[core].is_on);
    collections[number].is_mapped = true;
    collections[number].core = core;
}

static void look(uint32_t intid, unsigned int core)
{
    properties[intid - FIRST] =
        *(const uint8_t *)(uintptr_t)(cores[core].properties + (intid - FIRST));
}

static void about_message(const uint64_t *command)
{
    struct sender *sender = find_sender((uint32_t)(command[0] >> 32));
    uint32_t event = (uint32_t)command[1];
    uint32_t collection = (uint32_t)command[2];
    unsigned int core;

    assert_non_null(sender);
    assert_true(event * (uint64_t)IMAGE_ITS_EVENT < sender->size);
    if ((command[0] & 0xff) == 0x0a) {
        assert_false(sender->events[event].is_mapped);
        assert_true(collection < ITS_MODEL_CORES && collections[collection].is_mapped);
        sender->events[event].is_mapped = true;
        sender->events[event].collection = collection;
        sender->events[event].intid = (uint32_t)(command[1] >> 32);
        return;
    }
    assert_true(sender->events[event].is_mapped);
    uint32_t intid = sender->events[event].intid;
    core = collections[sender->events[event].collection].core;
    switch (command[0] & 0xff) {
    case 0x01:
        assert_true(collection < ITS_MODEL_CORES && collections[collection].is_mapped);
        sender->events[event].collection = collection;
        if (pending[intid - FIRST] == (int)core) {
            pending[intid - FIRST] = (int)collections[collection].core;
        }
        its_model.moves++;
        break;
    case 0x03:
        pending[intid - FIRST] = (int)core;
        break;
    case 0x04:
        pending[intid - FIRST] = ITS_MODEL_NONE;
        break;
    case 0x0c:
        look(intid, core);
        break;
    default:
        fail_msg("command %lx", (unsigned long)(command[0] & 0xff));
    }
}

static void run(const uint64_t *command)
{
    its_model.commands++;
    switch (command[0] & 0xff) {
    case 0x05:
        assert_true(cores[core_named(command[2])].is_on);
        break;
    case 0x08:
        map_sender(command);
        break;
    case 0x09:
        map_collection(command);
        break;
    default:
        about_message(command);
    }
}

static void run_to(uint64_t offset)
{
    uint64_t size = ((cbaser & 0xff) + 1) * 0x1000;

    assert_true((control & 1) != 0 || offset == 0);
    assert_true((cbaser & VALID) != 0 && offset < size);
    its_model.runs += offset != creadr;
    while (creadr != offset && !its_model.hangs && (creadr & 1) == 0) {
        if (its_model.stalls) {
            creadr |= 1;
            return;
        }
        run((const uint64_t *)(uintptr_t)((cbaser & ADDRESS) + creadr));
        creadr = (creadr + COMMANDS) % size;
    }
}

/* ---- Registers ---- */

static uint64_t baser(unsigned int index)
{
    uint64_t type = index == 1 ? 1 : index == 3 && its_model.has_collection_table ? 4 : 0;
    uint64_t entry = index == 1 ? its_model.entry_size - 1 : 7;

    return type == 0 ? 0 : type << 56 | entry << 48 | basers[index];
}

/* As it reads after it was written. */
static uint64_t kept(uint64_t value, unsigned int cache)
{
    if (!its_model.is_coherent) {
        if ((value >> cache & 7) == 7) { /* a first attempt */
            return value & ~SHARED;
        }
        assert_int_equal(value >> cache & 7, 1);
        return value & ~SHARED;
    }
    its_model.is_uncached = false;
    assert_int_equal(value & SHARED, 1 << 10);
    return value;
}

static void write_baser(unsigned int index, uint64_t value)
{
    static const uint64_t codes[] = {[4] = 0, [16] = 1, [64] = 2};

    value &= ~(7UL << 56 | 0x1fUL << 48);
    if (its_model.page_size != 0) {
        value = (value & ~0x300UL) | codes[its_model.page_size] << 8;
    }
    assert_true((control & 1) == 0);
    basers[index] = (value & VALID) != 0 ? kept(value, 59) : value;
}

uint64_t arch_read64(uint64_t paddr)
{
    uint64_t core = (paddr - ITS_MODEL_FRAME) / ITS_MODEL_STRIDE;

    if (paddr >= ITS_MODEL_FRAME) {
        switch ((paddr - ITS_MODEL_FRAME) % ITS_MODEL_STRIDE) {
        case 0x08:
            return core << 8;
        case 0x70:
            return cores[core].properties | (its_model.is_coherent ? 1 << 10 : 0);
        case 0x78:
            return cores[core].pending_table | (its_model.is_coherent ? 1 << 10 : 0);
        default:
            break;
        }
        fail_msg("read of %lx", (unsigned long)paddr);
    }
    switch (paddr - ITS_MODEL_BASE) {
    case 0x08:
        return (its_model.event_bits - 1UL) << 8 | (its_model.id_bits - 1UL) << 13 |
               (its_model.names_by_address ? 1UL << 19 : 0) |
               (uint64_t)its_model.collections << 24 | 1;
    case 0x80:
        return cbaser;
    case 0x90:
        return creadr;
    default:
        break;
    }
    assert_in_range(paddr, ITS_MODEL_BASE + 0x100, ITS_MODEL_BASE + 0x138);
    return baser((unsigned int)(paddr - ITS_MODEL_BASE - 0x100) / 8);
}

void arch_write64(uint64_t paddr, uint64_t value)
{
    uint64_t core = (paddr - ITS_MODEL_FRAME) / ITS_MODEL_STRIDE;

    if (paddr >= ITS_MODEL_FRAME) {
        assert_false(cores[core].is_on);
        value = kept(value, 7);
        if ((paddr - ITS_MODEL_FRAME) % ITS_MODEL_STRIDE == 0x70) {
            assert_int_equal(value & 0x1f, IMAGE_INTID_BITS - 1);
            cores[core].properties = value & ADDRESS;
        } else {
            assert_true(value & 1UL << 62); /* zeroed memory */
            cores[core].pending_table = value & 0x0000ffffffff0000UL;
        }
        return;
    }
    switch (paddr - ITS_MODEL_BASE) {
    case 0x80:
        assert_true((control & 1) == 0);
        cbaser = kept(value, 59);
        creadr = 0;
        return;
    case 0x88:
        run_to(value);
        return;
    default:
        break;
    }
    assert_in_range(paddr, ITS_MODEL_BASE + 0x100, ITS_MODEL_BASE + 0x138);
    write_baser((unsigned int)(paddr - ITS_MODEL_BASE - 0x100) / 8, value);
}

uint32_t arch_read32(uint64_t paddr)
{
    if (paddr >= ITS_MODEL_FRAME) {
        return cores[(paddr - ITS_MODEL_FRAME) / ITS_MODEL_STRIDE].is_on || its_model.keeps_lpis;
    }
    if (paddr == ITS_MODEL_BASE + 0xffe8) {
        return its_model.revision << 4 | 0xb;
    }
    assert_int_equal(paddr, ITS_MODEL_BASE);
    return control | ((control & 1) == 0 && !its_model.is_busy ? 1U << 31 : 0);
}

void arch_write32(uint64_t paddr, uint32_t value)
{
    if (paddr >= ITS_MODEL_FRAME) {
        uint64_t core = (paddr - ITS_MODEL_FRAME) / ITS_MODEL_STRIDE;

        assert_true(value == 0 || (cores[core].properties != 0 && cores[core].pending_table != 0));
        cores[core].is_on = value != 0;
        return;
    }
    assert_int_equal(paddr, ITS_MODEL_BASE);
    control = value & 1;
}

void arch_cache_clean(uint64_t start, uint64_t size)
{
    (void)start;
    (void)size;
}

/* ---- Devices and cores ---- */

bool its_model_is_enabled(uint32_t intid)
{
    return (properties[intid - FIRST] & 1) != 0;
}

int its_model_message(uint32_t id, uint32_t event, uint32_t *intid)
{
    const struct sender *sender = find_sender(id);

    if (sender == NULL || event >= EVENTS || !sender->events[event].is_mapped) {
        return ITS_MODEL_NONE;
    }
    *intid = sender->events[event].intid;
    pending[*intid - FIRST] = (int)collections[sender->events[event].collection].core;
    return its_model_is_enabled(*intid) ? pending[*intid - FIRST] : ITS_MODEL_NONE;
}

int its_model_pending(uint32_t intid)
{
    return pending[intid - FIRST];
}

void its_model_take(uint32_t intid)
{
    pending[intid - FIRST] = ITS_MODEL_NONE;
}
