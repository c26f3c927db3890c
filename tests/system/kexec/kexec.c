/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In a guest: another kernel in place of the one that runs, by kexec_load(2), which Debian's kernel
 * has. kexec IMAGE INITRD INITRD-ADDRESS AT The initramfs comes to where the firmware's device tree
 * has it, so that the tree may stay as it is; kernel, tree and the code that enters the kernel as
 * Linux' booting.rst wants it come to AT, a multiple of 2 MiB, and behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEBIBYTE         (1UL << 20)
#define ROUND            0xffffUL /* pages of any size that there is */
#define ARCH_AARCH64     (183UL << 16)
#define REBOOT_MAGIC     0xfee1dead
#define REBOOT_MAGIC2    672274793
#define REBOOT_KEXEC     0x45584543
#define IMAGE_TEXT_AT    8  /* text_offset and */
#define IMAGE_SIZE_AT    16 /* image_size in the header of a kernel */
#define DEVICE_TREE      "/sys/firmware/fdt"
#define LARGEST_OF_TREES (2 * MEBIBYTE)

struct segment {
    void *data;
    size_t data_size;
    uint64_t to;
    size_t size;
};

/* ldr x0, tree; x1, x2, x3 are zero; ldr x4, kernel; br x4; the two addresses */
struct entry {
    uint32_t code[6];
    uint64_t tree;
    uint64_t kernel;
};

static void end(const char *what)
{
    fprintf(stderr, "kexec: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct segment read_file(const char *path, uint64_t to)
{
    struct segment segment = {.to = to};
    size_t room = 64 * MEBIBYTE;
    int file = open(path, O_RDONLY);
    ssize_t done;

    segment.data = malloc(room);
    if (file < 0 || segment.data == NULL) {
        end(path);
    }
    while ((done = read(file, (char *)segment.data + segment.data_size, room - segment.data_size)) >
           0) {
        segment.data_size += (size_t)done;
    }
    if (done < 0 || segment.data_size == 0 || segment.data_size == room) {
        end(path);
    }
    close(file);
    segment.size = (segment.data_size + ROUND) & ~ROUND;
    return segment;
}

static uint64_t word_at(const struct segment *kernel, size_t offset)
{
    uint64_t word;

    memcpy(&word, (const char *)kernel->data + offset, sizeof(word));
    return word;
}

int main(int argc, char **argv)
{
    static struct entry entry = {
        .code = {0x580000c0, 0xaa1f03e1, 0xaa1f03e2, 0xaa1f03e3, 0x58000084, 0xd61f0080}};
    struct segment segments[4];
    uint64_t behind;

    if (argc != 5) {
        fprintf(stderr, "usage: kexec IMAGE INITRD INITRD-ADDRESS AT\n");
        return 2;
    }
    segments[0] = read_file(argv[1], strtoull(argv[4], NULL, 0));
    segments[0].size = word_at(&segments[0], IMAGE_SIZE_AT);
    behind = (segments[0].to + segments[0].size + 2 * MEBIBYTE) & ~(2 * MEBIBYTE - 1);
    segments[0].to += word_at(&segments[0], IMAGE_TEXT_AT);
    segments[1] = read_file(argv[2], strtoull(argv[3], NULL, 0));
    segments[2] = read_file(DEVICE_TREE, behind);
    entry.tree = segments[2].to;
    entry.kernel = segments[0].to;
    segments[3] = (struct segment){&entry, sizeof(entry), behind + LARGEST_OF_TREES, ROUND + 1};
    if (syscall(SYS_kexec_load, segments[3].to, 4UL, segments, ARCH_AARCH64) != 0) {
        end("kexec_load");
    }
    sync();
    (void)syscall(SYS_reboot, REBOOT_MAGIC, REBOOT_MAGIC2, REBOOT_KEXEC, NULL);
    end("reboot");
}
