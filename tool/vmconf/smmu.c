/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest with functions behind an SMMU is a domain of its owner's: streams, which a channel of the
 * VMM's is for, and what they reach: the guest's RAM, where the guest has it, and the doorbell of
 * its vectors.
 */
#include "tool/vmconf/smmu.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tool/vmconf/messages.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/ram.h"

#define PAGE_SIZE    UINT64_C(0x1000)
#define PADDR_SYMBOL "region_paddr_"

/* Where the hardware has stream tables of one level alone: for 64 streams, on a multiple of its
 * size. With more, SMMUs have to have two levels (IDR1.SIDSIZE). */
#define LINEAR_PAGES 2u

struct adding {
    struct smmu_owner *owner;
    struct guest *guest;
    struct smmu_config_domain *domain; /* NULL: reported */
    const struct sdf_end *end;         /* the VMM's */
};

static const char *name_of(const struct adding *adding)
{
    return adding->guest->board->tree->nodes[adding->owner->smmu->node].path;
}

/* The VMM's end of a channel with the owner, the one that may call if there is one; NULL: none. */
static const struct sdf_end *find_end(const struct adding *adding, const struct sdf_end **peer)
{
    const struct sdf *sdf = adding->guest->sdf;
    const struct sdf_end *found = NULL;

    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (size_t k = 0; k < 2; k++) {
            const struct sdf_end *own = &sdf->channels[i].ends[k];
            const struct sdf_end *other = &sdf->channels[i].ends[1 - k];
            if (&sdf->pds[own->pd] == adding->guest->pd &&
                &sdf->pds[other->pd] == adding->owner->pd &&
                (found == NULL || (own->pp && !found->pp))) {
                found = own;
                *peer = other;
            }
        }
    }
    return found;
}

/* N of a symbol region_paddr_N, or SMMU_CONFIG_FIXED_PADDR: it is another. */
static uint32_t number_of(const char *symbol)
{
    const size_t length = strlen(PADDR_SYMBOL);
    char *end;

    if (strncmp(symbol, PADDR_SYMBOL, length) != 0 || symbol[length] < '0' ||
        symbol[length] > '9' || (symbol[length] == '0' && symbol[length + 1] != '\0')) {
        return SMMU_CONFIG_FIXED_PADDR;
    }
    unsigned long number = strtoul(symbol + length, &end, 10);
    return *end == '\0' && number < SMMU_CONFIG_MAX_PADDRS ? (uint32_t)number
                                                           : SMMU_CONFIG_FIXED_PADDR;
}

uint32_t smmu_find_paddr(const struct smmu_owner *owner, size_t region)
{
    for (size_t i = 0; i < owner->pd->setvar_count; i++) {
        const struct sdf_setvar *setvar = &owner->pd->setvars[i];
        uint32_t number =
            setvar->region == region ? number_of(setvar->symbol) : SMMU_CONFIG_FIXED_PADDR;
        if (number != SMMU_CONFIG_FIXED_PADDR) {
            return number;
        }
    }
    return SMMU_CONFIG_FIXED_PADDR;
}

/* The symbol's region, or NULL. */
static const struct sdf_region *region_of(const struct smmu_owner *owner, const struct sdf *sdf,
                                          uint32_t number)
{
    for (size_t i = 0; i < owner->pd->setvar_count; i++) {
        const struct sdf_setvar *setvar = &owner->pd->setvars[i];
        if (setvar->region < sdf->region_count && number_of(setvar->symbol) == number) {
            return &sdf->regions[setvar->region];
        }
    }
    return NULL;
}

static void refuse_untold(const struct adding *adding, const struct sdf_region *region)
{
    const struct smmu_owner *owner = adding->owner;
    const char *symbol = NULL;

    for (uint32_t n = 0; n < SMMU_CONFIG_MAX_PADDRS && symbol == NULL; n++) {
        if (region_of(owner, adding->guest->sdf, n) == NULL) {
            symbol = arena_printf(adding->guest->arena, PADDR_SYMBOL "%" PRIu32, n);
        }
    }
    if (symbol == NULL) {
        sdf_error(adding->guest->messages, &region->pos,
                  "protection domain '%s' owns %s, and can be told where %d regions are: region "
                  "'%s', RAM of '%s', needs a phys_addr",
                  owner->pd->name, name_of(adding), SMMU_CONFIG_MAX_PADDRS, region->name,
                  adding->guest->vm->name);
        return;
    }
    sdf_error(adding->guest->messages, &owner->pd->pos,
              "protection domain '%s' owns %s, and is not told where region '%s' is, RAM of '%s' "
              "without phys_addr: add <setvar symbol=\"%s\" region_paddr=\"%s\" />",
              owner->pd->name, name_of(adding), region->name, adding->guest->vm->name, symbol,
              region->name);
}

/* Whether one goes on where the other ends, for functions and in the machine. */
static bool is_behind(const struct smmu_config_range *last, const struct smmu_config_range *range)
{
    return last->symbol == SMMU_CONFIG_FIXED_PADDR && range->symbol == SMMU_CONFIG_FIXED_PADDR &&
           last->flags == range->flags && last->ipa + last->size == range->ipa &&
           last->paddr + last->size == range->paddr;
}

/* In the order of addresses. */
static void add_range(const struct adding *adding, const struct sdf_pos *pos,
                      const struct smmu_config_range *range)
{
    struct smmu_config *config = &adding->owner->config;

    if (adding->domain->range_count > 0 &&
        is_behind(&config->ranges[config->range_count - 1], range)) {
        config->ranges[config->range_count - 1].size += range->size;
        return;
    }
    if (config->range_count == SMMU_CONFIG_MAX_RANGES) {
        sdf_error(adding->guest->messages, pos,
                  "the owner of %s has room for %d ranges of memory that DMA reaches, and this is "
                  "one more",
                  name_of(adding), SMMU_CONFIG_MAX_RANGES);
        return;
    }
    config->ranges[config->range_count++] = *range;
    adding->domain->range_count++;
}

static void add_ram(const struct adding *adding, const struct guest_map *ram)
{
    struct smmu_config_range range = {
        .ipa = ram->ipa,
        .paddr = ram->region->phys_addr,
        .size = ram->size,
        .symbol = SMMU_CONFIG_FIXED_PADDR,
    };

    if (!ram->region->has_phys_addr) {
        range.paddr = 0;
        range.symbol = smmu_find_paddr(adding->owner, ram->map->region);
        if (range.symbol == SMMU_CONFIG_FIXED_PADDR) {
            refuse_untold(adding, ram->region);
            return;
        }
    }
    add_range(adding, &ram->map->pos, &range);
}

static void add_doorbell(const struct adding *adding)
{
    const struct guest *guest = adding->guest;
    const struct smmu_config_range range = {
        .ipa = guest->pci.msi.doorbell & ~(PAGE_SIZE - 1),
        .paddr = guest->pci.msi.doorbell & ~(PAGE_SIZE - 1),
        .size = PAGE_SIZE,
        .symbol = SMMU_CONFIG_FIXED_PADDR,
        .flags = SMMU_CONFIG_DEVICE,
    };

    add_range(adding, &guest->vm->pos, &range);
}

/* Where the guest's own frame is no map lies: pci.c. */
static bool has_doorbell(const struct guest *guest)
{
    const uint64_t ipa = guest->pci.msi.doorbell & ~(PAGE_SIZE - 1);

    for (size_t i = 0; i < guest->ram_count && ipa != 0 && guest->pci.msi.ipa != ipa; i++) {
        const struct tree_range ram = {guest->ram[i]->ipa, guest->ram[i]->size};
        if (tree_range_overlaps(&ram, ipa, PAGE_SIZE)) {
            sdf_error(guest->messages, &guest->ram[i]->map->pos,
                      "the map lies where the guest's PCI functions write their messages, "
                      "0x%" PRIx64 "..0x%" PRIx64,
                      ipa, ipa + PAGE_SIZE);
            return false;
        }
    }
    return ipa != 0;
}

/* All that the guest's functions reach. */
static void add_ranges(const struct adding *adding)
{
    const struct guest *guest = adding->guest;
    const struct guest_map **sorted = arena_array(guest->arena, guest->ram_count, sizeof(*sorted));
    bool is_due = has_doorbell(guest);

    for (size_t i = 0; i < guest->ram_count; i++) {
        sorted[i] = guest->ram[i];
    }
    ram_sort(sorted, guest->ram_count);
    for (size_t i = 0; i < guest->ram_count; i++) {
        if (is_due && guest->pci.msi.doorbell < sorted[i]->ipa) {
            add_doorbell(adding);
            is_due = false;
        }
        add_ram(adding, sorted[i]);
    }
    if (is_due) {
        add_doorbell(adding);
    }
}

static bool find_channel(struct adding *adding, const struct sdf_end **peer)
{
    const struct guest *guest = adding->guest;

    adding->end = find_end(adding, peer);
    if (adding->end == NULL) {
        sdf_error(guest->messages, &guest->pd->pos,
                  "'%s' has PCI functions behind %s: protection domain '%s' needs a channel with "
                  "its owner, '%s', by which it may call: <end ... pp=\"true\" />",
                  guest->vm->name, name_of(adding), guest->pd->name, adding->owner->pd->name);
    } else if (!adding->end->pp) {
        sdf_error(guest->messages, &adding->end->pos,
                  "'%s' has PCI functions behind %s, and its VMM calls the owner: this end needs "
                  "pp=\"true\"",
                  guest->vm->name, name_of(adding));
    }
    return adding->end != NULL && adding->end->pp;
}

/* The guest becomes a domain of the owner's. */
static void add_domain(struct adding *adding)
{
    struct smmu_config *config = &adding->owner->config;
    struct guest *guest = adding->guest;
    const struct sdf_end *peer = NULL;

    if (!find_channel(adding, &peer)) {
        return;
    }
    if (config->domain_count == SMMU_CONFIG_MAX_DOMAINS) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "the owner of %s has room for %d guests, and this is one more", name_of(adding),
                  SMMU_CONFIG_MAX_DOMAINS);
        return;
    }
    adding->domain = &config->domains[config->domain_count++];
    *adding->domain = (struct smmu_config_domain){
        .channel = (uint16_t)peer->id,
        .first_range = (uint16_t)config->range_count,
    };
    strncpy(adding->domain->name, guest->vm->name, sizeof(adding->domain->name) - 1);
    add_ranges(adding);
}

static bool is_new(const struct adding *adding, const struct sdf_region *region, uint32_t id)
{
    const struct smmu_config *config = &adding->owner->config;

    for (uint32_t i = 0; i < config->stream_count; i++) {
        if (config->streams[i].id == id) {
            sdf_error(adding->guest->messages, &region->pos,
                      "PCI functions '%s' and '%s' have the same StreamID, 0x%" PRIx32
                      ", by which %s cannot tell them apart",
                      config->streams[i].name, region->name, id, name_of(adding));
            return false;
        }
    }
    if (config->stream_count == SMMU_CONFIG_MAX_STREAMS) {
        sdf_error(adding->guest->messages, &region->pos,
                  "the owner of %s has room for %d PCI functions, and this is one more",
                  name_of(adding), SMMU_CONFIG_MAX_STREAMS);
        return false;
    }
    return true;
}

static void add_function(const struct adding *adding, uint32_t index, uint32_t id)
{
    struct smmu_config *config = &adding->owner->config;
    struct vm_config_pci_function *function = &adding->guest->pci.config.functions[index];
    const struct sdf_region *region = adding->guest->pci.function_regions[index];

    function->flags |= VM_CONFIG_PCI_SMMU;
    if (adding->domain == NULL || !is_new(adding, region, id)) {
        return;
    }
    function->stream = id;
    function->smmu_channel = (uint16_t)adding->end->id;
    struct smmu_config_stream *stream = &config->streams[config->stream_count++];
    *stream = (struct smmu_config_stream){
        .id = id,
        .domain = (uint16_t)(adding->domain - config->domains),
    };
    strncpy(stream->name, region->name, sizeof(stream->name) - 1);
}

static void add_to(struct smmu_owner *owner, struct guest *guest)
{
    struct adding adding = {.owner = owner, .guest = guest};
    bool is_domain = false;

    for (size_t i = 0; guest->pci.whole != NULL && i < guest->pci.whole->stream_count; i++) {
        if (guest->pci.whole->streams[i].node == owner->smmu->node) {
            guest->pci.whole_smmu = name_of(&adding);
        }
    }
    for (uint32_t i = 0; i < guest->pci.config.function_count; i++) {
        const struct vm_config_pci_function *function = &guest->pci.config.functions[i];
        uint32_t id;
        if (function->kind != VM_CONFIG_PCI_PASSTHROUGH ||
            bridge_find_stream(guest->pci.bridge, function->physical, &id) != owner->smmu->node) {
            continue;
        }
        if (!is_domain) {
            add_domain(&adding);
            is_domain = true;
        }
        add_function(&adding, i, id);
    }
}

void smmu_add_guest(struct smmu_owner *owners, struct guest *guest)
{
    bool *owned = arena_array(guest->arena, guest->board->smmu_count, sizeof(*owned));

    for (size_t i = 0; i < guest->board->smmu_count; i++) {
        owned[i] = owners[i].pd != NULL;
        if (owned[i]) {
            add_to(&owners[i], guest);
        }
    }
    guest->owned_smmus = owned;
}

/* Where a region may be that the image tool places: as badly aligned as it can be. */
static uint64_t worst_paddr(const struct smmu_owner *owner, const struct sdf *sdf,
                            const struct smmu_config_range *range)
{
    const struct sdf_region *region = region_of(owner, sdf, range->symbol);

    return region == NULL || region->page_size > PAGE_SIZE ? 0 : range->ipa ^ PAGE_SIZE;
}

void smmu_check_size(struct smmu_owner *owner, const struct sdf *sdf, struct sdf_messages *messages)
{
    const struct smmu_config *config = &owner->config;
    uint64_t paddrs[SMMU_CONFIG_MAX_PADDRS] = {0};

    if (owner->pd == NULL || owner->tables == NULL) {
        return;
    }
    const struct sdf_region *region = &sdf->regions[owner->tables->region];
    for (uint32_t i = 0; i < config->range_count; i++) {
        if (config->ranges[i].symbol != SMMU_CONFIG_FIXED_PADDR) {
            paddrs[config->ranges[i].symbol] = worst_paddr(owner, sdf, &config->ranges[i]);
        }
    }
    owner->tables_size = (smmu_config_pages(config, paddrs) + LINEAR_PAGES) * PAGE_SIZE;
    if (region->size < owner->tables_size) {
        sdf_error(messages, &region->pos,
                  "region '%s' has 0x%" PRIx64 " bytes, and the SMMU's tables take up to 0x%" PRIx64
                  ": give it size=\"0x%" PRIx64 "\"",
                  region->name, region->size, owner->tables_size, owner->tables_size);
    }
}

bool smmu_confines(const struct guest *guest, uint32_t function)
{
    return (guest->pci.config.functions[function].flags & VM_CONFIG_PCI_SMMU) != 0;
}
