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
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        (void)fclose(stream);
        return false;
    }
    file->size = (size_t)status.st_size;
    file->bytes = arena_alloc(arena, file->size + 1);
    whole = fread(file->bytes, 1, file->size, stream) == file->size;
    if (!whole && ferror(stream) == 0) {
        errno = EIO; /* it became shorter meanwhile */
    }
    (void)fclose(stream);
    return whole;
}

/* /dev/null and its like are written to, not replaced, and not removed. */
static bool is_special(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* A full disk shows at the latest in fsync() or fclose(). */
static bool write_whole(const char *path, const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    bool written;

    if (stream == NULL) {
        return false;
    }
    written = fwrite(bytes, 1, size, stream) == size && fflush(stream) == 0 &&
              (fsync(fileno(stream)) == 0 || errno == EINVAL); /* EINVAL: not a file on a disk */
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
    if (is_special(path)) {
        written = write_whole(path, bytes, size);
    } else {
        written = write_whole(temporary, bytes, size) && rename(temporary, path) == 0;
    }
    if (!written) {
        fprintf(stderr, "microkit: error: cannot write '%s': %s\n", path, strerror(errno));
        (void)unlink(temporary);
    }
    free(temporary);
    return written;
}

void file_remove(const char *path)
{
    if (!is_special(path)) {
        (void)unlink(path);
    }
}
