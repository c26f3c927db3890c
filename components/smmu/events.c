/* SPDX-License-Identifier: BSD-2-Clause */
/* See events.h. */
#include "components/smmu/events.h"

#include <microkit.h>

#include "components/serial/clock.h"
#include "components/smmu/hardware.h"
#include "components/smmu/memory.h"
#include "components/smmu/registers.h"
#include "components/smmu/streams.h"

#define BITS_MAX 7 /* a page of them */
#define ROUNDS   4

bool smmu_events_init(struct smmu *smmu)
{
    struct smmu_events *events = &smmu->events;
    uintptr_t registers = smmu->setup.registers;

    *events = (struct smmu_events){
        .queue = smmu_take(&smmu->memory, SMMU_PAGE),
        .bits = smmu->features.event_bits < BITS_MAX ? smmu->features.event_bits : BITS_MAX,
    };
    if (events->queue == 0) {
        return false;
    }
    smmu_write_register64(registers + SMMU_EVENTQ_BASE,
                          QUEUE_RA | smmu_paddr_of(&smmu->memory, events->queue) | events->bits);
    smmu_write_register(registers + SMMU_EVENTQ_PROD, 0);
    smmu_write_register(registers + SMMU_EVENTQ_CONS, 0);
    return true;
}

static int find_stream(const struct smmu *smmu, uint32_t id)
{
    for (unsigned int i = 0; i < smmu->setup.config->stream_count; i++) {
        if (smmu->setup.config->streams[i].id == id) {
            return (int)i;
        }
    }
    return -1;
}

static bool is_window_over(const struct smmu_stream *stream)
{
    return clock_now() - stream->window_start >= clock_frequency() / 1000 * SMMU_WINDOW_MS;
}

static void begin_window(struct smmu_stream *stream)
{
    stream->window_start = clock_now();
    stream->window_count = 0;
}

/* Which of its accesses, if it is a fault of the function's own. */
static uint32_t kind_of(uint32_t type, uint64_t word1)
{
    if (type < EVENT_TRANSLATION || type > EVENT_PERMISSION) {
        return 0;
    }
    return (word1 & EVENT_IS_READ) != 0 ? SMMU_FAULT_READ : SMMU_FAULT_WRITE;
}

static void count_fault(struct smmu *smmu, unsigned int index, uint32_t kind, uint64_t address)
{
    struct smmu_stream *stream = &smmu->streams[index];

    stream->fault_count += stream->fault_count < UINT32_MAX;
    stream->fault_kind = kind;
    stream->fault_address = kind == 0 ? 0 : address;
    smmu->domains[smmu->setup.config->streams[index].domain].is_due = true;
    if (is_window_over(stream)) {
        begin_window(stream);
    }
    stream->window_count++;
    if (stream->window_count >= SMMU_BURST && !stream->is_suppressed) {
        smmu_stream_record(smmu, index, false);
    }
}

static void take_event(struct smmu *smmu, uint32_t index)
{
    uintptr_t at =
        smmu->events.queue + (uintptr_t)(index & ((1U << smmu->events.bits) - 1)) * EVENT_SIZE;
    uint64_t word0 = smmu_load(at);
    int stream = find_stream(smmu, EVENT_STREAM(word0));

    if (stream < 0) {
        smmu->events.unknown_count++;
        return;
    }
    count_fault(smmu, (unsigned int)stream, kind_of(EVENT_TYPE(word0), smmu_load(at + 8)),
                smmu_load(at + 16));
}

/* An index that cannot be is taken as the one where everything begins again. */
static bool take_round(struct smmu *smmu)
{
    struct smmu_events *events = &smmu->events;
    uintptr_t registers = smmu->setup.registers;
    uint32_t mask = (2U << events->bits) - 1;
    uint32_t prod = smmu_read_register(registers + SMMU_EVENTQ_PROD);
    uint32_t count = (prod - events->cons) & mask;
    bool has_overflowed = ((prod ^ events->cons) & EVENTQ_OVERFLOW) != 0;

    if (count == 0 && !has_overflowed) {
        return false;
    }
    smmu_barrier(); /* PROD before the events that it stands for */
    events->lost_count += has_overflowed;
    if (count > 1U << events->bits) {
        events->lost_count++;
        count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        take_event(smmu, events->cons + i);
    }
    events->cons = prod & (mask | EVENTQ_OVERFLOW);
    smmu_barrier(); /* events are read before the SMMU writes others there */
    smmu_write_register(registers + SMMU_EVENTQ_CONS, events->cons);
    return true;
}

static void notify(struct smmu *smmu)
{
    for (unsigned int i = 0; i < smmu->setup.config->domain_count; i++) {
        struct smmu_domain *domain = &smmu->domains[i];

        if (domain->is_due && !domain->is_notified) {
            domain->is_notified = true;
            microkit_notify(smmu->setup.config->domains[i].channel);
        }
    }
}

/* The SMMU's interrupt says that the queue is not empty any more: it has to be left empty, which
 * streams that are suppressed see to. */
void smmu_events_take(struct smmu *smmu)
{
    for (unsigned int round = 0; round < ROUNDS && take_round(smmu); round++) {
    }
    notify(smmu);
}

void smmu_faults_begin(struct smmu *smmu, unsigned int stream)
{
    begin_window(&smmu->streams[stream]);
    if (smmu->streams[stream].is_suppressed) {
        smmu_stream_record(smmu, stream, true);
    }
}

void smmu_faults_tell(struct smmu *smmu, unsigned int stream, uint64_t *words)
{
    const struct smmu_stream *asked = &smmu->streams[stream];
    struct smmu_domain *domain = &smmu->domains[smmu->setup.config->streams[stream].domain];

    words[SMMU_FAULTS_COUNT] = asked->fault_count;
    words[SMMU_FAULTS_ADDRESS] = asked->fault_address;
    words[SMMU_FAULTS_KIND] =
        asked->fault_kind | (asked->is_suppressed ? (uint32_t)SMMU_FAULT_SUPPRESSED : 0);
    domain->is_notified = false;
    domain->is_due = false;
    if (asked->is_suppressed && is_window_over(asked)) {
        smmu_faults_begin(smmu, stream);
    }
}
