/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See load.h. Where things go was decided by vmconf, from the same files; the checks here are for
 * descriptions whose prefilled files were changed afterwards.
 */
#include "vmm/load/load.h"

#include <inttypes.h>
#include <string.h>

#include "vmm/load/cache.h"
#include "vmm/load/seed.h"
#include "vmm/log.h"
#include "vmm/vm.h"

/* Linux, Documentation/arch/arm64/booting.rst */
#define KERNEL_HEADER_SIZE  64
#define KERNEL_MAGIC_OFFSET 56
#define KERNEL_MAGIC        "ARM\x64"

#define DTB_MAGIC       "\xd0\x0d\xfe\xed"
#define MAGIC_SIZE      4
#define DTB_HEADER_SIZE 40

/* One image and the room it has. */
struct placement {
    const char *name;
    const struct vm_image *image;
    uint64_t ipa;
    uint64_t room;
    bool has_code; /* that is executed where it is */
};

static bool is_in_ram(const struct vm_config_ram *ram, uint64_t ipa, uint64_t size)
{
    return ipa >= ram->ipa && size <= ram->size && ipa - ram->ipa <= ram->size - size;
}

static bool fits(const struct vm *vm, const struct placement *placement)
{
    const char *name = vm->config->name;

    if (placement->image->size > placement->room) {
        log_line(name, "%s: 0x%" PRIx64 " bytes, but room for 0x%" PRIx64, placement->name,
                 placement->image->size, placement->room);
        return false;
    }
    if (placement->room != 0 && !is_in_ram(&vm->config->ram[0], placement->ipa, placement->room)) {
        log_line(name, "%s: 0x%" PRIx64 " is not in the guest's RAM", placement->name,
                 placement->ipa);
        return false;
    }
    return true;
}

static bool has_magic(const struct vm_image *image, uint64_t header_size, unsigned int offset,
                      const char *magic)
{
    return image->size >= header_size &&
           memcmp((const uint8_t *)image->data + offset, magic, MAGIC_SIZE) == 0;
}

static bool is_bootable(const struct vm *vm)
{
    const char *name = vm->config->name;

    if (vm->config->firmware.size == 0 &&
        !has_magic(&vm->images.kernel, KERNEL_HEADER_SIZE, KERNEL_MAGIC_OFFSET, KERNEL_MAGIC)) {
        log_line(name, "the kernel is not an arm64 Image");
        return false;
    }
    if (!has_magic(&vm->images.dtb, DTB_HEADER_SIZE, 0, DTB_MAGIC)) {
        log_line(name, "the device tree is not one");
        return false;
    }
    return true;
}

/* By words, 512 bytes a round: images are tens of megabytes, and all that a boot waits for. */
static void copy(uint8_t *to, const uint8_t *from, uint64_t size)
{
    uint64_t done = 0;

    if (((uintptr_t)to | (uintptr_t)from) % sizeof(uint64_t) == 0) {
        const uint64_t *in = (const uint64_t *)(const void *)from;
        uint64_t *out = (uint64_t *)(void *)to;

        for (; size - done >= 512; done += 512) {
#pragma GCC unroll 64
            for (unsigned int i = 0; i < 64; i += 2) {
                uint64_t first = *in++;
                uint64_t second = *in++;

                *out++ = first;
                *out++ = second;
            }
        }
    }
    memcpy(to + done, from + done, size - done);
}

/* The whole room is published, so that a kernel's .bss has no stale lines either. */
static void place(const struct vm *vm, const struct placement *placement)
{
    uint8_t *to = (uint8_t *)vm->ram + (placement->ipa - vm->config->ram[0].ipa);

    if (placement->room == 0) {
        return;
    }
    copy(to, placement->image->data, placement->image->size);
    if (placement->image == &vm->images.dtb) {
        seed_write(&vm->config->kaslr_seed, VM_CONFIG_KASLR_SEED, to, placement->image->size);
        seed_write(&vm->config->rng_seed, VM_CONFIG_RNG_SEED, to, placement->image->size);
    }
    if (placement->has_code) {
        cache_publish(to, placement->room);
    } else {
        cache_clean(to, placement->room);
    }
}

/* It lies where the guest has it mapped; whoever put it there may have left some of it in caches,
 * which are off when it starts. */
static void publish_firmware(const struct vm *vm)
{
    if (vm->config->firmware.size > 0) {
        cache_publish(vm->images.firmware.data, vm->images.firmware.size);
    }
}

bool load_guest(struct vm *vm)
{
    const struct vm_config_load *load = &vm->config->load;
    const struct placement placements[] = {
        {"kernel", &vm->images.kernel, load->kernel_ipa, load->kernel_span, true},
        {"initrd", &vm->images.initrd, load->initrd_ipa, load->initrd_size, false},
        {"device tree", &vm->images.dtb, load->dtb_ipa, load->dtb_size, false},
    };
    unsigned int count = sizeof(placements) / sizeof(placements[0]);

    if (!is_bootable(vm)) {
        return false;
    }
    for (unsigned int i = 0; i < count; i++) {
        if (!fits(vm, &placements[i])) {
            return false;
        }
    }
    for (unsigned int i = 0; i < count; i++) {
        place(vm, &placements[i]);
    }
    publish_firmware(vm);
    return true;
}
