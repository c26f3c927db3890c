/* SPDX-License-Identifier: BSD-2-Clause */
/* See ring.h. Fields that the other side writes are read once in each operation, into a local. */
#include "components/serial/ring.h"

#include <string.h>

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Copies into the ring, from the counter's value `at` on. `count` is at most the size. */
static void copy_in(struct ring *ring, uint32_t at, const uint8_t *bytes, uint32_t count)
{
    uint32_t start = at & (ring->size - 1);
    uint32_t first = smaller(count, ring->size - start);

    memcpy(ring->data + start, bytes, first);
    memcpy(ring->data, bytes + first, count - first);
}

static void copy_out(const struct ring *ring, uint32_t at, uint8_t *bytes, uint32_t count)
{
    uint32_t start = at & (ring->size - 1);
    uint32_t first = smaller(count, ring->size - start);

    memcpy(bytes, ring->data + start, first);
    memcpy(bytes + first, ring->data, count - first);
}

/* Producer: the bytes are in, the consumer may see them. True: it waits for one of them. */
static bool ring_publish(struct ring *ring, uint32_t count)
{
    uint32_t old = ring->index;
    uint32_t wanted;

    ring->index += count;
    /* Release: the bytes before the counter; pairs with the acquire in ring_used(). */
    __atomic_store_n(&ring->shared->head, ring->index, __ATOMIC_RELEASE);
    /* Full: the counter before the look; pairs with the one in ring_wait_more(). */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    wanted = __atomic_load_n(&ring->shared->wake_consumer, __ATOMIC_RELAXED);
    return wanted - old < count;
}

/* Consumer: the bytes are out, the producer may overwrite them. True: it waits for room, and now
 * has it. */
static bool ring_release(struct ring *ring, uint32_t count)
{
    uint32_t wanted;

    ring->index += count;
    /* Release: the reads before the counter; pairs with the acquire in ring_room(). */
    __atomic_store_n(&ring->shared->tail, ring->index, __ATOMIC_RELEASE);
    /* Full: the counter before the look; pairs with the one in ring_wait_room(). */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    wanted = __atomic_load_n(&ring->shared->wake_producer, __ATOMIC_RELAXED);
    return ring->index - wanted < count;
}

void ring_producer_init(struct ring *ring, struct ring_shared *shared, void *data, uint32_t size)
{
    *ring = (struct ring){.shared = shared, .data = data, .size = size};
    ring->index = __atomic_load_n(&shared->head, __ATOMIC_RELAXED);
}

uint32_t ring_room(const struct ring *ring)
{
    /* Acquire: nothing is overwritten before it was read; pairs with ring_release(). */
    uint32_t tail = __atomic_load_n(&ring->shared->tail, __ATOMIC_ACQUIRE);
    uint32_t used = ring->index - tail;

    return used <= ring->size ? ring->size - used : 0;
}

uint32_t ring_write(struct ring *ring, const void *bytes, uint32_t count, bool *wake)
{
    count = smaller(count, ring_room(ring));
    if (count == 0) {
        return 0;
    }
    copy_in(ring, ring->index, bytes, count);
    if (ring_publish(ring, count)) {
        *wake = true;
    }
    return count;
}

bool ring_wait_room(struct ring *ring, uint32_t count)
{
    count = smaller(count, ring->size);
    __atomic_store_n(&ring->shared->wake_producer, ring->index + count - ring->size,
                     __ATOMIC_RELAXED);
    /* Full: the wish before the look; pairs with the one in ring_release(). */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return ring_room(ring) >= count;
}

void ring_consumer_init(struct ring *ring, struct ring_shared *shared, void *data, uint32_t size)
{
    *ring = (struct ring){.shared = shared, .data = data, .size = size};
    ring->index = __atomic_load_n(&shared->tail, __ATOMIC_RELAXED);
}

uint32_t ring_used(struct ring *ring)
{
    /* Acquire: the bytes after the counter; pairs with the release in ring_publish(). */
    uint32_t head = __atomic_load_n(&ring->shared->head, __ATOMIC_ACQUIRE);
    uint32_t used = head - ring->index;

    if (used > ring->size) {
        ring->index = head;
        __atomic_store_n(&ring->shared->tail, head, __ATOMIC_RELEASE);
        return 0;
    }
    return used;
}

uint32_t ring_read(struct ring *ring, void *bytes, uint32_t count, bool *wake)
{
    count = smaller(count, ring_used(ring));
    if (count == 0) {
        return 0;
    }
    copy_out(ring, ring->index, bytes, count);
    if (ring_release(ring, count)) {
        *wake = true;
    }
    return count;
}

uint32_t ring_peek(struct ring *ring, uint32_t offset, void *bytes, uint32_t count)
{
    uint32_t used = ring_used(ring);

    if (offset >= used) {
        return 0;
    }
    count = smaller(count, used - offset);
    copy_out(ring, ring->index + offset, bytes, count);
    return count;
}

bool ring_wait_more(struct ring *ring, uint32_t offset)
{
    uint32_t head;

    __atomic_store_n(&ring->shared->wake_consumer, ring->index + offset, __ATOMIC_RELAXED);
    /* Full: the wish before the look; pairs with the one in ring_publish(). */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    head = __atomic_load_n(&ring->shared->head, __ATOMIC_RELAXED);
    return head != ring->index + offset;
}

bool ring_wait_data(struct ring *ring)
{
    return ring_wait_more(ring, 0);
}
