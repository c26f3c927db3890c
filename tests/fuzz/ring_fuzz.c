/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the rings of components/serial. The first byte says whether the sides are
 * honest; then come steps of five bytes. Between honest sides bytes arrive in order, none is lost,
 * and whoever sleeps is woken when he has something to do. A hostile side writes anything into the
 * shared part between the other's steps: what it returns and touches stays within the ring.
 */
#include <stdlib.h>
#include <string.h>

#include "components/serial/ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE 64U

struct step {
    uint8_t kind;
    uint32_t value;
} __attribute__((packed));

static struct ring_shared shared;
static uint8_t bytes[SIZE + 2]; /* with guards */
static struct ring producer;
static struct ring consumer;
static uint8_t next_in;
static uint8_t next_out;
/* Sleeping, in want of a signal. */
static bool is_consumer_asleep;
static bool is_producer_asleep;
static uint32_t wanted_room;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static void write_some(uint32_t count, bool is_honest)
{
    uint8_t chunk[2 * SIZE];
    uint32_t room = ring_room(&producer);
    bool wake = false;
    uint32_t written;

    count %= sizeof(chunk) + 1;
    for (uint32_t i = 0; i < count; i++) {
        chunk[i] = (uint8_t)(next_in + i);
    }
    written = ring_write(&producer, chunk, count, &wake);
    require(written <= count && written <= SIZE);
    if (is_honest) {
        require(written == (count < room ? count : room));
        require(!is_consumer_asleep || written == 0 || wake);
        is_consumer_asleep &= !wake;
        next_in = (uint8_t)(next_in + written);
    }
}

static void read_some(uint32_t count, bool is_honest)
{
    uint8_t chunk[2 * SIZE];
    uint32_t used = ring_used(&consumer);
    bool wake = false;
    uint32_t taken;

    count %= sizeof(chunk) + 1;
    taken = ring_read(&consumer, chunk, count, &wake);
    require(used <= SIZE && taken <= count && taken <= SIZE);
    if (!is_honest) {
        return;
    }
    require(taken == (count < used ? count : used));
    for (uint32_t i = 0; i < taken; i++) {
        require(chunk[i] == next_out++);
    }
    require(!is_producer_asleep || ring_room(&producer) < wanted_room || wake);
    is_producer_asleep &= !wake;
}

static void peek_some(uint32_t value, bool is_honest)
{
    uint8_t chunk[2 * SIZE];
    uint32_t offset = value & 0xff;
    uint32_t count = ring_peek(&consumer, offset, chunk, (value >> 8) % (sizeof(chunk) + 1));

    require(count <= SIZE);
    for (uint32_t i = 0; is_honest && i < count; i++) {
        require(chunk[i] == (uint8_t)(next_out + offset + i));
    }
}

static void sleep_consumer(uint32_t value, bool is_honest)
{
    uint32_t used = ring_used(&consumer);
    bool is_awake = value % 2 == 0 ? ring_wait_data(&consumer) : ring_wait_more(&consumer, used);

    if (is_honest) {
        require(is_awake == (value % 2 == 0 && used > 0));
        is_consumer_asleep = !is_awake;
    }
}

static void sleep_producer(uint32_t value, bool is_honest)
{
    uint32_t count = value % (SIZE + 8);
    bool is_awake = ring_wait_room(&producer, count);

    wanted_room = count < SIZE ? count : SIZE;
    if (is_honest) {
        require(is_awake == (ring_room(&producer) >= wanted_room));
        is_producer_asleep = !is_awake;
    }
}

static void scribble(const struct step *step)
{
    uint32_t *const fields[] = {&shared.head, &shared.tail, &shared.wake_consumer,
                                &shared.wake_producer};
    uint32_t *field = fields[step->kind >> 4 & 3];

    /* Near what is plausible, or anything. */
    *field = (step->kind & 0x40) != 0 ? step->value : *field + (step->value & 0xff) - 0x80;
}

static void restart(uint32_t value)
{
    if (value % 2 == 0) {
        ring_producer_init(&producer, &shared, bytes + 1, SIZE);
    } else {
        ring_consumer_init(&consumer, &shared, bytes + 1, SIZE);
    }
}

static void perform(const struct step *step, bool is_honest)
{
    static void (*const kinds[])(uint32_t value, bool is_honest) = {
        write_some, read_some, peek_some, sleep_consumer, sleep_producer};
    unsigned int kind = step->kind & 0xf;

    if (kind < sizeof(kinds) / sizeof(kinds[0])) {
        kinds[kind](step->value, is_honest);
    } else if (!is_honest) {
        scribble(step);
    } else if (kind == 15) {
        restart(step->value);
    }
    require(bytes[0] == 0xee && bytes[SIZE + 1] == 0xee);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;
    bool is_honest;

    if (size == 0) {
        return 0;
    }
    is_honest = (*data & 1) == 0;
    /* The counters may be about to wrap around. */
    shared = (struct ring_shared){0};
    shared.head = (uint32_t)((int8_t)*data >> 1);
    shared.tail = shared.head;
    memset(bytes, 0xee, sizeof(bytes));
    next_in = next_out = 0;
    is_consumer_asleep = is_producer_asleep = false;
    restart(0);
    restart(1);
    for (data++, size--; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step, is_honest);
    }
    return 0;
}
