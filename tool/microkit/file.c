/* SPDX-License-Identifier: BSD-2-Clause */
/* See file.h. */
#include "tool/microkit/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_read(struct arena *arena, const char *path, struct file *file)
{
    struct stat status;
    FILE *stream = fopen(path, "rb");
    bool whole;

    if (stream == NULL) {
        return false;
    }
    if (fstat(fileno(stream), &status) != 0 || !S_ISREG(status.st_mode)) {
        errno = errno != 0 ? errno : EINVAL;
        (void)fclose(stream);
        return false;
    }
    file->size = (size_t)status.st_size;
    file->bytes = arena_alloc(arena, file->size + 1);
    whole = fread(file->bytes, 1, file->size, stream) == file->size;
    (void)fclose(stream);
    return whole;
}

static bool write_whole(const char *path, const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    bool written;

    if (stream == NULL) {
        return false;
    }
    written = fwrite(bytes, 1, size, stream) == size;
    return fclose(stream) == 0 && written;
}

bool file_write(const char *path, const void *bytes, size_t size)
{
    size_t length = strlen(path) + sizeof(".tmp");
    char *temporary = malloc(length);
    bool written;

    if (temporary == NULL) {
        fprintf(stderr, "microkit: error: out of memory\n");
        return false;
    }
    (void)snprintf(temporary, length, "%s.tmp", path);
    written = write_whole(temporary, bytes, size) && rename(temporary, path) == 0;
    if (!written) {
        fprintf(stderr, "microkit: error: cannot write '%s': %s\n", path, strerror(errno));
        (void)unlink(temporary);
    }
    free(temporary);
    return written;
}
