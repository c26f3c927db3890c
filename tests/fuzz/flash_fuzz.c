/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the emulated flash. Input: a byte for its size, then steps of eight bytes:
 * writes of any size at any offset, most of them commands, or a reset.
 *
 * A second copy of the contents, which is only programmed and erased, is what memory holds whenever
 * reads get contents; a model in a few lines, by words, says what was. A reset undoes what was
 * written anew, or does nothing. While the device answers, as few words as it says are others.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/vmm/fake/fake.h"
#include "vmm/dev/flash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BLOCK    VM_CONFIG_FLASH_BLOCK
#define MAX_SIZE (2 * BLOCK)

struct step {
    uint8_t kind; /* bits 0, 1: size; bit 2: a command; bits 3, 4: block; 0xff: reset */
    uint8_t command;
    uint16_t offset;
    uint32_t value;
} __attribute__((packed));

static uint32_t memory[MAX_SIZE / 4];
static uint32_t contents[MAX_SIZE / 4];
static uint32_t erased[BLOCK / 4]; /* what the last erase took */
static struct flash flash;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

/* What is there without its answers. */
static void check_contents(void)
{
    static uint32_t seen[MAX_SIZE / 4];

    memcpy(seen, memory, flash.size);
    for (unsigned int i = flash.lie_count; i > 0; i--) {
        require(flash.lies[i - 1].at < flash.size / 4);
        seen[flash.lies[i - 1].at] = flash.lies[i - 1].contents;
    }
    require(memcmp(seen, contents, flash.size) == 0);
    require(flash.mode != FLASH_ARRAY || flash.lie_count == 0);
    require(flash.lie_count <= sizeof(flash.lies) / sizeof(flash.lies[0]));
}

/* What one write on the bus does to contents, in the state that the device is in. */
static void expect(uint32_t at, uint32_t value, uint32_t mask)
{
    uint32_t block = at / (BLOCK / 4);
    bool is_confirmed = mask == ~0u && (value & 0xff) == 0xd0;

    if (flash.step == FLASH_WORD && !flash.is_locked[block]) {
        contents[at] &= value | ~mask;
    } else if (flash.step == FLASH_ERASE && is_confirmed && !flash.is_locked[block]) {
        if (flash.rewrite == FLASH_NO_REWRITE || flash.rewritten != block) {
            memcpy(erased, &contents[block * (BLOCK / 4)], BLOCK);
        }
        memset(&contents[block * (BLOCK / 4)], 0xff, BLOCK);
    } else if (flash.step == FLASH_CONFIRM && is_confirmed && !flash.buffer_is_wrong &&
               !flash.is_locked[flash.block]) {
        require(flash.window / (BLOCK / 4) == flash.block);
        for (unsigned int i = 0; i < FLASH_BUFFER_WORDS; i++) {
            contents[flash.window + i] &= flash.buffer[i];
        }
    }
}

static void write_aligned(uint64_t offset, unsigned int size, uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};
    uint32_t lane = (uint32_t)(offset % 4) * 8;
    uint32_t mask = size == 4 ? ~0u : ((1u << size * 8) - 1) << lane;

    expect((uint32_t)(offset / 4), (uint32_t)value << lane, mask);
    require(flash_ops.access(&flash, &access));
    check_contents();
}

/* Of what is wider or across two words the device makes several: so does this, on a copy. */
static void write_any(uint64_t offset, unsigned int size, uint64_t value)
{
    static struct flash before, after;
    static uint32_t memory_before[MAX_SIZE / 4], memory_after[MAX_SIZE / 4];
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};

    if (offset % 4 + size <= 4) {
        write_aligned(offset, size, value);
        return;
    }
    before = flash;
    memcpy(memory_before, memory, sizeof(memory));
    require(flash_ops.access(&flash, &access));
    after = flash;
    memcpy(memory_after, memory, sizeof(memory));
    flash = before;
    memcpy(memory, memory_before, sizeof(memory));
    while (size > 0) {
        unsigned int left = 4 - (unsigned int)(offset % 4);
        unsigned int part = size < left ? size : left;
        struct mmio_access one = {.offset = offset,
                                  .size = part,
                                  .is_write = true,
                                  .value = part == 8 ? value : value & mmio_ones(part)};

        expect((uint32_t)(offset / 4), (uint32_t)one.value << offset % 4 * 8,
               (uint32_t)mmio_ones(part) << offset % 4 * 8);
        require(flash_ops.access(&flash, &one));
        offset += part;
        value >>= part * 8;
        size -= part;
    }
    require(memcmp(&flash, &after, sizeof(flash)) == 0);
    require(memcmp(memory, memory_after, sizeof(memory)) == 0);
    check_contents();
}

static void perform(const struct step *step)
{
    unsigned int size = 1u << (step->kind & 3);
    uint64_t offset = ((uint64_t)(step->kind >> 3 & 3) * BLOCK + step->offset) % flash.size;

    if (step->kind == 0xff) {
        if (flash.rewrite == FLASH_REWRITING ||
            (flash.rewrite == FLASH_ERASED && erased[10] == 0x4856465f)) {
            memcpy(&contents[flash.rewritten * (BLOCK / 4)], erased, BLOCK);
        }
        flash_reset(&flash);
        require(flash.mode == FLASH_ARRAY && flash.step == FLASH_COMMAND);
        check_contents();
    } else if ((step->kind & 4) != 0) {
        write_any(offset & ~3ul, 4, step->command | (uint32_t)step->command << 16);
    } else if (offset <= flash.size - size) {
        write_any(offset, size, (step->value * 0x100000001ul) & mmio_ones(size));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;

    if (size == 0) {
        return 0;
    }
    fake_reset();
    memset(&flash, 0, sizeof(flash));
    memset(memory, 0, sizeof(memory));
    memset(contents, 0xff, sizeof(contents));
    memset(contents, 0, data[0]);
    flash_init(&flash, memory, BLOCK << data[0] % 2, data[0]);
    for (data++, size--; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
    }
    return 0;
}
