/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing the results; called by vmconf.c. */
#include "tool/vmconf/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/vmconf/messages.h"

static bool fail(struct output *output, const char *what, const char *path)
{
    vmconf_error(output->messages, "cannot %s '%s' (%s)", what, path, strerror(errno));
    return false;
}

bool output_start(struct output *output)
{
    if (mkdir(output->directory, 0777) != 0 && errno != EEXIST) {
        return fail(output, "make directory", output->directory);
    }
    return true;
}

static bool is_same(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    char *old = malloc(size + 1);
    bool same =
        old != NULL && fread(old, 1, size + 1, file) == size && memcmp(old, bytes, size) == 0;
    free(old);
    fclose(file);
    return same;
}

/* A full disk shows at the latest in fsync() or fclose(). */
static bool write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return false;
    }
    bool written =
        fwrite(bytes, 1, size, file) == size && fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && written;
}

bool output_add(struct output *output, const char *name, const void *bytes, size_t size)
{
    struct output_file *file = arena_alloc(output->arena, sizeof(*file));

    file->path = arena_printf(output->arena, "%s/%s", output->directory, name);
    if (is_same(file->path, bytes, size)) {
        return true;
    }
    file->temporary = arena_printf(output->arena, "%s.%ld.tmp", file->path, (long)getpid());
    file->next = output->files;
    output->files = file;
    return write_file(file->temporary, bytes, size) || fail(output, "write", file->temporary);
}

void output_abandon(struct output *output)
{
    for (struct output_file *file = output->files; file != NULL; file = file->next) {
        unlink(file->temporary);
    }
    output->files = NULL;
}

bool output_commit(struct output *output)
{
    for (struct output_file *file = output->files; file != NULL; file = file->next) {
        if (rename(file->temporary, file->path) != 0) {
            fail(output, "write", file->path);
            output_abandon(output);
            return false;
        }
    }
    return true;
}

void output_remove(struct output *output, const char *name)
{
    unlink(arena_printf(output->arena, "%s/%s", output->directory, name));
}
