/* SPDX-License-Identifier: BSD-2-Clause */
/* See flash.h. Contents change only when nothing lies over them. */
#include "vmm/dev/flash.h"

#include <stddef.h>
#include <string.h>

#include "vmm/load/cache.h"

#define WORD        4u /* bytes of the bus */
#define BLOCK_WORDS (VM_CONFIG_FLASH_BLOCK / WORD)
#define NO_WINDOW   UINT32_MAX

/* Commands: JEP137. Either chip gets its own in its half; both do what the lower one is told. */
#define CMD_PROGRAM           0x40
#define CMD_PROGRAM_ALTERNATE 0x10
#define CMD_ERASE             0x20
#define CMD_CLEAR_STATUS      0x50
#define CMD_LOCK              0x60
#define CMD_READ_STATUS       0x70
#define CMD_READ_ID           0x90
#define CMD_QUERY             0x98
#define CMD_SUSPEND           0xb0
#define CMD_PROTECTION        0xc0
#define CMD_CONFIRM           0xd0 /* and resume */
#define CMD_BUFFER            0xe8
#define CMD_READ_ARRAY        0xff
#define LOCK_SET              0x01
#define LOCK_CLEAR            CMD_CONFIRM

/* Status register */
#define STATUS_READY      0x80
#define STATUS_NOT_ERASED 0x20
#define STATUS_NOT_SET    0x10 /* programmed */
#define STATUS_LOCKED     0x02
#define STATUS_SEQUENCE   (STATUS_NOT_ERASED | STATUS_NOT_SET)

/* Those that QEMU's flash names. */
#define ID_MAKER  0x89
#define ID_DEVICE 0x18

/* UEFI PI, volume 3, 3.2.1: "_FVH", at byte 40 of a firmware volume's header. */
#define VOLUME_SIGNATURE_WORD 10
#define VOLUME_SIGNATURE      0x4856465fu

/* The query's table: a byte of it in each word, of both chips. JESD68, 2.3; JEP137 for the primary
 * table, of version 1.0. Times are powers of two, of microseconds or, an erase, milliseconds. */
#define QUERY_WORDS         0x80u
#define QUERY_SIZE          0x27 /* log2 of a chip's bytes */
#define QUERY_BUFFER        0x2a /* log2 of its bytes for a chip */
#define QUERY_REGION_BLOCKS 0x2d /* less one */
#define QUERY_REGION_SIZE   0x2f /* of its blocks, in units of 256 bytes */
#define QUERY_PRIMARY       0x31
#define CHIPS               2u
#define LOCK_OF_ONE_BLOCK   0x20 /* feature: at once, none locked for good */

static const uint8_t query[QUERY_WORDS] = {
    [0x10] = 'Q',
    [0x11] = 'R',
    [0x12] = 'Y',
    [0x13] = 0x01, /* command set */
    [0x15] = QUERY_PRIMARY,
    [0x1b] = 0x17, /* 1.7 V */
    [0x1c] = 0x20, /* to 2.0 V; none for programming */
    [0x1f] = 4,    /* time of a word */
    [0x20] = 6,    /* of a buffer */
    [0x21] = 4,    /* of an erase */
    [0x23] = 4,    /* and at most, as factors */
    [0x24] = 4,
    [0x25] = 4,
    [0x28] = 0x01, /* 16 bits wide */
    [QUERY_BUFFER] = 9,
    [0x2c] = 1, /* region of blocks */
    [QUERY_PRIMARY] = 'P',
    [0x32] = 'R',
    [0x33] = 'I',
    [0x34] = '1',
    [0x35] = '0',
    [0x36] = LOCK_OF_ONE_BLOCK,
    [0x3b] = 0x01, /* of a block's own status: the lock */
    [0x3d] = 0x18, /* 1.8 V */
    [0x3f] = 1,    /* protection register, which has no room */
};

_Static_assert(FLASH_BUFFER_WORDS *WORD == CHIPS << 9, "query[QUERY_BUFFER]");
_Static_assert(BLOCK_WORDS % FLASH_BUFFER_WORDS == 0, "a buffer's window is in one block");
_Static_assert(QUERY_WORDS <= FLASH_ID_WORDS * FLASH_MAX_BLOCKS, "room for the query's lies");

/* What both chips say. */
static uint32_t twice(uint32_t half)
{
    return half << 16 | half;
}

static uint32_t word_count(const struct flash *flash)
{
    return (uint32_t)(flash->size / WORD);
}

static uint32_t block_of(uint32_t at)
{
    return at / BLOCK_WORDS;
}

/* A guest may read the memory with its caches off, or past them. */
static void publish(const struct flash *flash, uint32_t at, uint32_t count)
{
    cache_clean(&flash->words[at], (uint64_t)count * WORD);
}

static void tell_truth(struct flash *flash)
{
    while (flash->lie_count > 0) {
        const struct flash_lie *lie = &flash->lies[--flash->lie_count];

        flash->words[lie->at] = lie->contents;
        publish(flash, lie->at, 1);
    }
}

/* Over a word twice is fine: they are taken back in reverse. */
static void lie(struct flash *flash, uint32_t at, uint32_t word)
{
    flash->lies[flash->lie_count++] = (struct flash_lie){.at = at, .contents = flash->words[at]};
    flash->words[at] = word;
    publish(flash, at, 1);
}

static void show_status(struct flash *flash)
{
    for (uint32_t at = 0; at < word_count(flash); at += BLOCK_WORDS) {
        lie(flash, at, twice(flash->status));
    }
    if (flash->at % BLOCK_WORDS != 0) {
        lie(flash, flash->at, twice(flash->status));
    }
}

static void show_id(struct flash *flash)
{
    for (uint32_t at = 0; at < word_count(flash); at += BLOCK_WORDS) {
        lie(flash, at, twice(ID_MAKER));
        lie(flash, at + 1, twice(ID_DEVICE));
        lie(flash, at + 2, twice(flash->is_locked[block_of(at)] ? 1 : 0));
    }
}

static uint32_t query_byte(const struct flash *flash, uint32_t offset)
{
    uint32_t last = block_of(word_count(flash)) - 1;
    uint32_t block = VM_CONFIG_FLASH_BLOCK / CHIPS / 256;

    switch (offset) {
    case QUERY_SIZE:
        return (uint32_t)__builtin_ctzl(flash->size / CHIPS);
    case QUERY_REGION_BLOCKS:
        return last & 0xff;
    case QUERY_REGION_BLOCKS + 1:
        return last >> 8;
    case QUERY_REGION_SIZE:
        return block & 0xff;
    case QUERY_REGION_SIZE + 1:
        return block >> 8;
    default:
        return query[offset];
    }
}

static void show_query(struct flash *flash)
{
    for (uint32_t at = 0; at < QUERY_WORDS; at++) {
        lie(flash, at, twice(query_byte(flash, at)));
    }
}

static void show(struct flash *flash, enum flash_mode mode)
{
    static void (*const modes[])(struct flash *) = {
        [FLASH_STATUS] = show_status, [FLASH_ID] = show_id, [FLASH_QUERY] = show_query};

    tell_truth(flash);
    flash->mode = mode;
    if (modes[mode] != NULL) {
        modes[mode](flash);
    }
}

/* The end of a command: how it went is what is read next. */
static void finish(struct flash *flash, uint8_t errors)
{
    flash->step = FLASH_COMMAND;
    flash->status |= errors;
    show(flash, FLASH_STATUS);
}

/* Bits are cleared only. */
static void program(struct flash *flash, uint32_t at, const uint32_t *words, uint32_t count)
{
    if (flash->is_locked[block_of(at)]) {
        finish(flash, STATUS_NOT_SET | STATUS_LOCKED);
        return;
    }
    tell_truth(flash);
    for (uint32_t i = 0; i < count; i++) {
        flash->words[at + i] &= words[i];
    }
    publish(flash, at, count);
    finish(flash, 0);
}

static void erase(struct flash *flash, uint32_t block)
{
    uint32_t at = block * BLOCK_WORDS;

    if (flash->is_locked[block]) {
        finish(flash, STATUS_NOT_ERASED | STATUS_LOCKED);
        return;
    }
    tell_truth(flash);
    if (flash->rewrite == FLASH_NO_REWRITE || flash->rewritten != block) {
        memcpy(flash->before, &flash->words[at], VM_CONFIG_FLASH_BLOCK);
    }
    flash->rewrite = FLASH_ERASED;
    flash->rewritten = block;
    memset(&flash->words[at], 0xff, VM_CONFIG_FLASH_BLOCK);
    publish(flash, at, BLOCK_WORDS);
    finish(flash, 0);
}

/* One write on the bus: to a word, or some bytes of it. What is not written has ones in `value`.
 * What does not reach both chips is no command: U-Boot sends it to find out how wide the bus is. */
struct cycle {
    uint32_t at;
    uint32_t value;
    uint32_t mask;
    uint8_t command;
};

/* A program command to the start of the block that was erased last makes one write of all that
 * follows it, which ends when the driver lets contents be read again. */
static void follow_rewrite(struct flash *flash, uint8_t command)
{
    bool is_there = block_of(flash->at) == flash->rewritten;
    bool is_start = flash->at % BLOCK_WORDS < FLASH_BUFFER_WORDS;

    switch (command) {
    case CMD_PROGRAM:
    case CMD_PROGRAM_ALTERNATE:
    case CMD_BUFFER:
        if (!is_there) {
            flash->rewrite = FLASH_NO_REWRITE;
        } else if (flash->rewrite == FLASH_ERASED) {
            flash->rewrite = is_start ? FLASH_REWRITING : FLASH_NO_REWRITE;
        }
        break;
    case CMD_READ_ARRAY:
    case CMD_READ_ID:
    case CMD_QUERY:
        if (flash->rewrite == FLASH_REWRITING) {
            flash->rewrite = FLASH_NO_REWRITE;
        }
        break;
    default:
        break;
    }
}

/* The guest is gone in the middle of it. Or before it, if the block had the header of a firmware
 * volume: EDK2 erases that of its variables only to write it anew. */
static void undo_rewrite(struct flash *flash)
{
    uint32_t at = flash->rewritten * BLOCK_WORDS;
    bool had_volume = flash->before[VOLUME_SIGNATURE_WORD] == VOLUME_SIGNATURE;

    tell_truth(flash);
    if (flash->rewrite == FLASH_REWRITING || (flash->rewrite == FLASH_ERASED && had_volume)) {
        memcpy(&flash->words[at], flash->before, VM_CONFIG_FLASH_BLOCK);
        publish(flash, at, BLOCK_WORDS);
    }
    flash->rewrite = FLASH_NO_REWRITE;
}

static void begin(struct flash *flash, enum flash_step step)
{
    flash->step = step;
    show(flash, FLASH_STATUS);
}

/* What is none puts reads back to contents: drivers send it to find out whose flash it is. */
static void command(struct flash *flash, const struct cycle *cycle)
{
    follow_rewrite(flash, cycle->command);
    switch (cycle->command) {
    case CMD_PROGRAM:
    case CMD_PROGRAM_ALTERNATE:
        begin(flash, FLASH_WORD);
        break;
    case CMD_ERASE:
        begin(flash, FLASH_ERASE);
        break;
    case CMD_LOCK:
        begin(flash, FLASH_LOCK);
        break;
    case CMD_PROTECTION:
        begin(flash, FLASH_PROTECTION);
        break;
    case CMD_BUFFER:
        begin(flash, FLASH_COUNT);
        break;
    case CMD_CLEAR_STATUS:
        flash->status = STATUS_READY;
        show(flash, flash->mode);
        break;
    case CMD_READ_STATUS:
    case CMD_SUSPEND: /* all is done already, which the status says */
    case CMD_CONFIRM: /* and so there is nothing to resume */
        show(flash, FLASH_STATUS);
        break;
    case CMD_READ_ID:
        show(flash, FLASH_ID);
        break;
    case CMD_QUERY:
        show(flash, FLASH_QUERY);
        break;
    case CMD_READ_ARRAY:
    default:
        show(flash, FLASH_ARRAY);
        break;
    }
}

static void program_word(struct flash *flash, const struct cycle *cycle)
{
    program(flash, cycle->at, &cycle->value, 1);
}

static void confirm_erase(struct flash *flash, const struct cycle *cycle)
{
    if (cycle->command == CMD_CONFIRM) {
        erase(flash, block_of(cycle->at));
    } else {
        finish(flash, STATUS_SEQUENCE);
    }
}

static void set_lock(struct flash *flash, const struct cycle *cycle)
{
    bool is_known = cycle->command == LOCK_SET || cycle->command == LOCK_CLEAR;

    if (is_known) {
        flash->is_locked[block_of(cycle->at)] = cycle->command == LOCK_SET;
    }
    finish(flash, is_known ? 0 : STATUS_SEQUENCE);
}

static void refuse_protection(struct flash *flash, const struct cycle *cycle)
{
    (void)cycle;
    finish(flash, STATUS_NOT_SET | STATUS_LOCKED);
}

/* The device takes all the words that it is told of before it says what is wrong with them. */
static void take_count(struct flash *flash, const struct cycle *cycle)
{
    uint32_t count = (cycle->value & cycle->mask & 0xffff) + 1; /* either chip has its own */

    if (count > FLASH_BUFFER_WORDS) {
        finish(flash, STATUS_SEQUENCE);
        return;
    }
    memset(flash->buffer, 0xff, sizeof(flash->buffer));
    flash->words_left = count;
    flash->block = block_of(cycle->at);
    flash->window = NO_WINDOW;
    flash->buffer_is_wrong = false;
    flash->step = FLASH_DATA;
}

/* The first word says which window of its block the buffer is for. */
static void take_data(struct flash *flash, const struct cycle *cycle)
{
    uint32_t *word = &flash->buffer[cycle->at % FLASH_BUFFER_WORDS];
    uint32_t window = cycle->at - cycle->at % FLASH_BUFFER_WORDS;

    flash->window = flash->window == NO_WINDOW ? window : flash->window;
    if (flash->window != window || block_of(window) != flash->block) {
        flash->buffer_is_wrong = true;
    }
    *word = (*word & ~cycle->mask) | (cycle->value & cycle->mask);
    flash->words_left--;
    flash->step = flash->words_left > 0 ? FLASH_DATA : FLASH_CONFIRM;
}

static void confirm_buffer(struct flash *flash, const struct cycle *cycle)
{
    if (cycle->command != CMD_CONFIRM || flash->buffer_is_wrong) {
        finish(flash, STATUS_SEQUENCE);
    } else {
        program(flash, flash->window, flash->buffer, FLASH_BUFFER_WORDS);
    }
}

static void (*const steps[])(struct flash *flash, const struct cycle *cycle) = {
    [FLASH_COMMAND] = command,
    [FLASH_WORD] = program_word,
    [FLASH_ERASE] = confirm_erase,
    [FLASH_LOCK] = set_lock,
    [FLASH_PROTECTION] = refuse_protection,
    [FLASH_COUNT] = take_count,
    [FLASH_DATA] = take_data,
    [FLASH_CONFIRM] = confirm_buffer,
};

/* What is wider than the bus, or across two words, is several writes. */
static bool flash_access(void *context, struct mmio_access *access)
{
    struct flash *flash = context;
    uint64_t offset = access->offset;
    uint64_t value = access->value;
    unsigned int left = access->size;

    while (access->is_write && left > 0) {
        unsigned int lane = (unsigned int)(offset % WORD);
        unsigned int bytes = left < WORD - lane ? left : WORD - lane;
        uint32_t mask = (uint32_t)mmio_ones(bytes) << lane * 8;
        const struct cycle cycle = {.at = (uint32_t)(offset / WORD),
                                    .value = (uint32_t)value << lane * 8 | ~mask,
                                    .mask = mask,
                                    .command = bytes == WORD ? (uint8_t)value : CMD_READ_ARRAY};

        flash->at = cycle.at;
        steps[flash->step](flash, &cycle);
        offset += bytes;
        value >>= bytes * 8;
        left -= bytes;
    }
    return access->is_write;
}

const struct mmio_ops flash_ops = {.access = flash_access};

void flash_reset(struct flash *flash)
{
    if (flash->words == NULL) {
        return;
    }
    undo_rewrite(flash);
    show(flash, FLASH_ARRAY);
    flash->step = FLASH_COMMAND;
    flash->status = STATUS_READY;
    memset(flash->is_locked, 0, sizeof(flash->is_locked));
}

void flash_init(struct flash *flash, void *memory, uint64_t size, uint64_t prefilled)
{
    flash->words = memory;
    flash->size = size;
    if (prefilled < size) {
        memset((uint8_t *)memory + prefilled, 0xff, size - prefilled);
    }
    cache_clean(memory, size);
    flash_reset(flash);
}
