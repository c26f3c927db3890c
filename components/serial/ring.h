/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring of bytes in memory that two programs share: one puts bytes in, the other takes them out.
 * Neither takes a lock, and neither trusts the other: whatever the other side writes into the
 * shared part, no function here reads or writes outside the ring, loops, or returns more than it
 * should.
 *
 *   head    counts the bytes ever put in; the producer alone writes it
 *   tail    counts the bytes ever taken out; the consumer alone writes it
 *
 * Both wrap around at 2^32; the ring's size is a power of two, and byte n is at n modulo size. Each
 * side works on a copy of its own counter, and reads the other's once for each operation. A counter
 * that cannot be - more in the ring than it holds - makes the producer see no room, and the
 * consumer take the ring as empty and go on at the producer's head.
 *
 * Who finds nothing to do says so before it sleeps, and is then signalled once:
 *
 *   wake_consumer   the value of head beyond which the consumer wants a signal: its own tail, so
 *                   the next byte; the consumer alone writes it
 *   wake_producer   the value of tail from which on there is room enough; the producer alone
 *                   writes it
 *
 * Each of ring_wait_data() and ring_wait_room() stores that, and then looks once more: what came in
 * between is not slept over. The full barrier in it pairs with the one in ring_publish() and
 * ring_release(), between storing a counter and reading what the other side waits for.
 *
 * The wishes need no taking back: each is passed once in 2^32 bytes, and a signal too many says
 * nothing but "look".
 *
 * The counters are free for the next start of either side: *_init() goes on where they stand.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_RING_H
#define SLUICE_COMPONENTS_SERIAL_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_LINE 64 /* bytes: each side writes cache lines of its own */

/* In shared memory, zeroed when the system starts. */
struct ring_shared {
    uint32_t head;          /* producer writes … */
    uint32_t wake_producer; /* … and says where it waits */
    uint8_t pad0[RING_LINE - 8];
    uint32_t tail;          /* consumer writes … */
    uint32_t wake_consumer; /* … and says where it waits */
    uint8_t pad1[RING_LINE - 8];
};

_Static_assert(sizeof(struct ring_shared) == 2 * RING_LINE, "ring_shared");

/* One side's own view; in its private memory. */
struct ring {
    struct ring_shared *shared;
    uint8_t *data;
    uint32_t size;  /* bytes, a power of two */
    uint32_t index; /* the side's own counter: head, or tail */
};

/* Producer: begins, or goes on after a restart. */
void ring_producer_init(struct ring *ring, struct ring_shared *shared, void *data, uint32_t size);
/* Producer: bytes that ring_write() would take now. Acquire on tail, pairs with ring_release(). */
uint32_t ring_room(const struct ring *ring);
/* Producer: puts in as many of the bytes as there is room for; returns how many. `*wake` is set,
 * and otherwise left alone, if the consumer waits for them: it is to be signalled. Release on head,
 * pairs with the acquire in ring_used(). */
uint32_t ring_write(struct ring *ring, const void *bytes, uint32_t count, bool *wake);
/* Producer: asks for a signal as soon as there is room for `count` bytes (at most the size). True:
 * there is by now, and no signal will come. */
bool ring_wait_room(struct ring *ring, uint32_t count);

/* Consumer: begins, or goes on after a restart. */
void ring_consumer_init(struct ring *ring, struct ring_shared *shared, void *data, uint32_t size);
/* Consumer: bytes that ring_read() would give now. Acquire on head, pairs with ring_write(). If the
 * producer's counter cannot be, goes on at it and returns 0. */
uint32_t ring_used(struct ring *ring);
/* Consumer: takes at most `count` bytes out; returns how many. `*wake` is set, and otherwise left
 * alone, if the producer waits for room and now has it: it is to be signalled. Release on tail,
 * pairs with the acquire in ring_room(). */
uint32_t ring_read(struct ring *ring, void *bytes, uint32_t count, bool *wake);
/* Consumer: copies bytes without taking them, from `offset` behind the next one on; returns how
 * many. */
uint32_t ring_peek(struct ring *ring, uint32_t offset, void *bytes, uint32_t count);
/* Consumer: asks for a signal with the next byte. True: there is one by now, and no signal will
 * come. */
bool ring_wait_data(struct ring *ring);
/* Consumer: the same, with the first byte behind the next `offset` ones, which stay. True: the
 * producer is elsewhere by now. */
bool ring_wait_more(struct ring *ring, uint32_t offset);

#endif
