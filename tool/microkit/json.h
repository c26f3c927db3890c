/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing JSON (RFC 8259), one value after the other: commas, indents and quotes are taken care of.
 */
#ifndef SLUICE_TOOL_MICROKIT_JSON_H
#define SLUICE_TOOL_MICROKIT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *out;
    unsigned int depth;
    bool is_first; /* in the object or array that is open */
};

/* `key` is NULL in arrays and for the outermost value. `bracket`: '{' or '['. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_number(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
/* NULL: null. Bytes that are no UTF-8 become U+FFFD. */
void json_string(struct json *json, const char *key, const char *value);

#endif
