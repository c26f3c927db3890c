/* SPDX-License-Identifier: BSD-2-Clause */
/* See queue.h. Sections are those of Virtual I/O Device 1.1. */
#include "vmm/virtio/queue.h"

#include <stddef.h>

/* 2.6.5 */
#define DESC_NEXT     0x1u
#define DESC_WRITE    0x2u
#define DESC_INDIRECT 0x4u

struct virtq_desc {
    uint64_t ipa;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};

/* 2.6.6 */
#define AVAIL_NO_INTERRUPT 0x1u

struct virtq_avail {
    uint16_t flags;
    uint16_t index;
    uint16_t ring[];
};

/* 2.6.8 */
struct virtq_used_element {
    uint32_t id;
    uint32_t length;
};

struct virtq_used {
    uint16_t flags;
    uint16_t index;
    struct virtq_used_element ring[];
};

_Static_assert(sizeof(struct virtq_desc) == 16, "virtq_desc");
_Static_assert(sizeof(struct virtq_used_element) == 8, "virtq_used_element");

/* 2.6: of the three parts */
#define DESC_ALIGNMENT  16
#define AVAIL_ALIGNMENT 2
#define USED_ALIGNMENT  4

/* What the driver writes as well, it is read once. */
#define READ_ONCE(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

void virtq_reset(struct virtq *queue, const struct guest_ram *ram, uint32_t max_size)
{
    *queue = (struct virtq){.ram = ram, .max_size = max_size, .size = max_size};
}

static void *find_ring(const struct virtq *queue, uint64_t ipa, uint64_t size, unsigned int align)
{
    return ipa % align == 0 ? guest_ram_at(queue->ram, ipa, size) : NULL;
}

bool virtq_start(struct virtq *queue)
{
    uint32_t size = queue->size;

    if (size == 0 || size > queue->max_size || (size & (size - 1)) != 0) {
        return false;
    }
    queue->desc =
        find_ring(queue, queue->desc_ipa, size * sizeof(struct virtq_desc), DESC_ALIGNMENT);
    queue->avail = find_ring(queue, queue->avail_ipa,
                             sizeof(struct virtq_avail) + size * sizeof(uint16_t), AVAIL_ALIGNMENT);
    queue->used = find_ring(queue, queue->used_ipa,
                            sizeof(struct virtq_used) + size * sizeof(struct virtq_used_element),
                            USED_ALIGNMENT);
    queue->avail_next = 0;
    queue->avail_end = 0;
    queue->used_next = 0;
    queue->is_announced = true;
    queue->is_ready = queue->desc != NULL && queue->avail != NULL && queue->used != NULL;
    return queue->is_ready;
}

void virtq_stop(struct virtq *queue)
{
    queue->is_ready = false;
    queue->is_open = false;
}

enum virtq_result virtq_look(struct virtq *queue)
{
    /* Acquire, pairs with the driver's barrier between filling ring and descriptors and moving the
     * index on (2.6.13.3.1). */
    uint16_t end = __atomic_load_n(&queue->avail->index, __ATOMIC_ACQUIRE);

    if ((uint16_t)(end - queue->avail_next) > queue->size) {
        return VIRTQ_BAD;
    }
    queue->avail_end = end;
    return queue->is_open || end != queue->avail_next ? VIRTQ_OK : VIRTQ_NONE;
}

/* The chain's next descriptor is the one at hand. */
static enum virtq_result follow(struct virtq *queue)
{
    struct virtq_chain *chain = &queue->chain;
    struct virtq_desc desc;

    if (!chain->has_next) {
        return VIRTQ_NONE;
    }
    if (chain->next >= queue->size || chain->followed_count == queue->size) {
        return VIRTQ_BAD; /* outside the table; or a loop */
    }
    desc.ipa = READ_ONCE(queue->desc[chain->next].ipa);
    desc.length = READ_ONCE(queue->desc[chain->next].length);
    desc.flags = READ_ONCE(queue->desc[chain->next].flags);
    desc.next = READ_ONCE(queue->desc[chain->next].next);
    if ((desc.flags & DESC_INDIRECT) != 0 || desc.length > UINT64_MAX - desc.ipa) {
        return VIRTQ_BAD;
    }
    if ((desc.flags & DESC_WRITE) == 0 && chain->is_writable) {
        return VIRTQ_BAD; /* what the device reads comes first (2.6.4.2) */
    }
    chain->followed_count++;
    chain->has_next = (desc.flags & DESC_NEXT) != 0;
    chain->next = desc.next;
    chain->is_writable = (desc.flags & DESC_WRITE) != 0;
    chain->left = desc.length;
    chain->ipa = desc.ipa;
    return VIRTQ_OK;
}

enum virtq_result virtq_open(struct virtq *queue)
{
    if (queue->is_open) {
        return VIRTQ_OK;
    }
    if (queue->avail_next == queue->avail_end) {
        return VIRTQ_NONE;
    }
    queue->chain = (struct virtq_chain){
        .head = READ_ONCE(queue->avail->ring[queue->avail_next % queue->size]), .has_next = true};
    queue->chain.next = queue->chain.head;
    queue->avail_next++;
    queue->is_open = true;
    return follow(queue);
}

enum virtq_result virtq_run(struct virtq *queue, struct virtq_run *run)
{
    struct virtq_chain *chain = &queue->chain;
    uint64_t count;

    while (chain->left == 0) {
        enum virtq_result result = follow(queue);

        if (result != VIRTQ_OK) {
            return result;
        }
    }
    count = chain->left;
    run->bytes = guest_ram_run(queue->ram, chain->ipa, &count);
    run->count = (uint32_t)count;
    run->is_writable = chain->is_writable;
    return run->bytes != NULL ? VIRTQ_OK : VIRTQ_BAD;
}

void virtq_advance(struct virtq *queue, uint32_t count)
{
    struct virtq_chain *chain = &queue->chain;

    chain->left -= count;
    chain->ipa += count;
    if (chain->is_writable) {
        chain->written += count;
    }
}

void virtq_close(struct virtq *queue)
{
    struct virtq_used_element *element = &queue->used->ring[queue->used_next % queue->size];

    element->id = queue->chain.head;
    element->length = queue->chain.written;
    queue->used_next++;
    /* Release, pairs with the driver's barrier between reading the index and the element
     * (2.6.14). */
    __atomic_store_n(&queue->used->index, queue->used_next, __ATOMIC_RELEASE);
    queue->is_open = false;
    queue->is_announced = false;
}

bool virtq_announce(struct virtq *queue)
{
    if (queue->is_announced) {
        return false;
    }
    queue->is_announced = true;
    /* Between the used index and the driver's wish (2.6.7.2); pairs with the driver's barrier
     * between turning interrupts on and looking at the index once more (2.6.14). */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return (READ_ONCE(queue->avail->flags) & AVAIL_NO_INTERRUPT) == 0;
}
