/* SPDX-License-Identifier: BSD-2-Clause */
/* See json.h. */
#include "tool/microkit/json.h"

#include <stddef.h>

/* Bytes of the UTF-8 sequence at `text`; 0: it is none (RFC 3629, section 4). The second byte of
 * some is bounded, so that no code point has two forms or is a surrogate. */
static unsigned int sequence_length(const unsigned char *text)
{
    static const struct {
        unsigned char first, last, second_min, second_max, length;
    } forms[] = {
        {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t form = 0;

    while (form < sizeof(forms) / sizeof(forms[0]) &&
           (text[0] < forms[form].first || text[0] > forms[form].last)) {
        form++;
    }
    if (form == sizeof(forms) / sizeof(forms[0]) ||
        (forms[form].length > 1 &&
         (text[1] < forms[form].second_min || text[1] > forms[form].second_max))) {
        return 0;
    }
    for (unsigned int i = 2; i < forms[form].length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return forms[form].length;
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
