/* SPDX-License-Identifier: BSD-2-Clause */
/* See json.h. */
#include "tool/microkit/json.h"

#include <string.h>

/* Bytes of the UTF-8 sequence at `text`; 0: it is none (RFC 3629). */
static unsigned int sequence_length(const unsigned char *text)
{
    unsigned int length = text[0] < 0x80                       ? 1
                          : text[0] >= 0xc2 && text[0] <= 0xdf ? 2
                          : (text[0] & 0xf0) == 0xe0           ? 3
                          : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
                                                               : 0;

    for (unsigned int i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

static void put_quoted(FILE *out, const char *value)
{
    const unsigned char *text = (const unsigned char *)value;

    fputc('"', out);
    while (*text != '\0') {
        unsigned int length = sequence_length(text);

        if (length == 0) {
            fputs("\xef\xbf\xbd", out);
            length = 1;
        } else if (*text == '"' || *text == '\\') {
            fprintf(out, "\\%c", *text);
        } else if (*text < ' ') {
            fprintf(out, "\\u%04x", *text);
        } else {
            fwrite(text, 1, length, out);
        }
        text += length;
    }
    fputc('"', out);
}

static void indent(const struct json *json)
{
    fprintf(json->out, "\n%*s", (int)json->depth * 2, "");
}

static void begin_value(struct json *json, const char *key)
{
    if (!json->is_first) {
        fputc(',', json->out);
    }
    if (json->depth > 0) {
        indent(json);
    }
    json->is_first = false;
    if (key != NULL) {
        put_quoted(json->out, key);
        fputs(": ", json->out);
    }
}

void json_open(struct json *json, const char *key, char bracket)
{
    json->is_first = json->is_first || json->depth == 0;
    begin_value(json, key);
    fputc(bracket, json->out);
    json->depth++;
    json->is_first = true;
}

void json_close(struct json *json, char bracket)
{
    json->depth--;
    if (!json->is_first) {
        indent(json);
    }
    fputc(bracket == '{' ? '}' : ']', json->out);
    json->is_first = false;
    if (json->depth == 0) {
        fputc('\n', json->out);
    }
}

void json_number(struct json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    fprintf(json->out, "%lu", (unsigned long)value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin_value(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_string(struct json *json, const char *key, const char *value)
{
    begin_value(json, key);
    if (value == NULL) {
        fputs("null", json->out);
    } else {
        put_quoted(json->out, value);
    }
}
