/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structure of a blob (Devicetree Specification 0.4, chapter 5), checked before libfdt's own
 * fdt_check_full(): that of 1.6, which Debian 12 has, loops for ever over a property whose length
 * makes an offset wrap, and stumbles over versions before 17.
 */
#include "tool/vmconf/blob.h"

#include <ctype.h>
#include <libfdt.h>
#include <stdint.h>
#include <string.h>

#include "tool/vmconf/messages.h"

struct blob {
    const char *structure;
    size_t structure_size;
    const char *strings;
    size_t strings_size;
    size_t at; /* in the structure block */
    int depth; /* of the open node; the root's is 0 */
    size_t node_count;
    const char *problem;
};

static const char malformed[] = "not a sound device tree blob";
static const char bad_name[] = "a name in it holds characters that no name may have";

/* Beside letters and digits. Names are printed in messages. */
static const char node_characters[] = ",._+-@";
static const char property_characters[] = ",._+-?#";

/* Blobs are aligned to no more than what malloc() gives; words in them to 4. */
static bool take_word(struct blob *blob, uint32_t *word)
{
    if (blob->structure_size - blob->at < sizeof(*word)) {
        return false;
    }
    *word = fdt32_ld((const fdt32_t *)(const void *)(blob->structure + blob->at));
    blob->at += sizeof(*word);
    return true;
}

/* Contents are padded to words. */
static bool skip(struct blob *blob, size_t size)
{
    size_t left = blob->structure_size - blob->at;
    size_t padded = (size + 3) & ~(size_t)3;

    if (size > left || padded > left) {
        return false;
    }
    blob->at += padded;
    return true;
}

static bool name_is_plain(const char *name, const char *characters)
{
    for (; *name != '\0'; name++) {
        if (!isalnum((unsigned char)*name) && strchr(characters, *name) == NULL) {
            return false;
        }
    }
    return true;
}

static bool begin_node(struct blob *blob)
{
    const char *name = blob->structure + blob->at;
    size_t left = blob->structure_size - blob->at;
    size_t length = strnlen(name, left);

    blob->depth++;
    if (length == left || (blob->depth == 0) != (length == 0) ||
        (blob->depth == 0 && blob->node_count > 0)) {
        return false;
    }
    if (!name_is_plain(name, node_characters)) {
        blob->problem = bad_name;
        return false;
    }
    if (blob->depth > BLOB_MAX_DEPTH || ++blob->node_count > BLOB_MAX_NODES) {
        blob->problem = "too many nodes (more than 8192), or nodes too deep (more than 32)";
        return false;
    }
    return skip(blob, length + 1);
}

static bool take_property(struct blob *blob)
{
    uint32_t length;
    uint32_t name;

    if (blob->depth < 0 || !take_word(blob, &length) || !take_word(blob, &name) ||
        name >= blob->strings_size) {
        return false;
    }
    size_t left = blob->strings_size - name;
    if (strnlen(blob->strings + name, left) == left) {
        return false;
    }
    if (!name_is_plain(blob->strings + name, property_characters)) {
        blob->problem = bad_name;
        return false;
    }
    return skip(blob, length);
}

/* One token; false when it is the last one or wrong. */
static bool take_token(struct blob *blob, bool *is_complete)
{
    uint32_t token;

    *is_complete = false;
    if (!take_word(blob, &token)) {
        return false;
    }
    switch (token) {
    case FDT_BEGIN_NODE:
        return begin_node(blob);
    case FDT_END_NODE:
        return blob->depth-- >= 0;
    case FDT_PROP:
        return take_property(blob);
    case FDT_NOP:
        return true;
    case FDT_END:
        *is_complete = blob->depth == -1 && blob->node_count > 0;
        return false;
    default:
        return false;
    }
}

static bool is_within(size_t size, size_t start, size_t length)
{
    return start <= size && length <= size - start && start % sizeof(fdt32_t) == 0;
}

static bool open_blob(struct blob *blob, const void *bytes, size_t size)
{
    *blob = (struct blob){.depth = -1, .problem = malformed};
    if (size < sizeof(struct fdt_header) || fdt_magic(bytes) != FDT_MAGIC ||
        fdt_totalsize(bytes) > size || fdt_version(bytes) < 17) {
        return false;
    }
    size_t total = fdt_totalsize(bytes);
    blob->structure_size = fdt_size_dt_struct(bytes);
    blob->strings_size = fdt_size_dt_strings(bytes);
    if (!is_within(total, fdt_off_dt_struct(bytes), blob->structure_size) ||
        fdt_off_dt_strings(bytes) > total ||
        blob->strings_size > total - fdt_off_dt_strings(bytes)) {
        return false;
    }
    blob->structure = (const char *)bytes + fdt_off_dt_struct(bytes);
    blob->strings = (const char *)bytes + fdt_off_dt_strings(bytes);
    return true;
}

static bool check_structure(struct blob *blob, const void *bytes, size_t size)
{
    bool is_complete = false;

    if (!open_blob(blob, bytes, size)) {
        return false;
    }
    while (take_token(blob, &is_complete)) {
    }
    return is_complete && fdt_check_full(bytes, size) == 0;
}

bool blob_check(const void *bytes, size_t size, const char *file, struct sdf_messages *messages)
{
    struct blob blob;

    if (size > BLOB_MAX_SIZE) {
        vmconf_error(messages, "%s: too large for a device tree (more than 4 MiB)", file);
        return false;
    }
    if (!check_structure(&blob, bytes, size)) {
        vmconf_error(messages, "%s: %s", file, blob.problem);
        return false;
    }
    return true;
}
