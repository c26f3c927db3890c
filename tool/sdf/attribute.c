/* SPDX-License-Identifier: BSD-2-Clause */
/* See attribute.h. */
#include "tool/sdf/attribute.h"

#include "tool/sdf/nearest.h"

#include <string.h>

const char *attribute_text(struct xml_element *element, const char *name)
{
    if (element->asked_count < XML_MAX_ASKED) {
        element->asked[element->asked_count++] = name;
    }
    for (struct xml_attribute *attribute = element->attributes; attribute != NULL;
         attribute = attribute->next) {
        if (strcmp(attribute->name, name) == 0) {
            attribute->used = true;
            return attribute->value;
        }
    }
    return NULL;
}

const char *attribute_required(struct sdf_messages *messages, struct xml_element *element,
                               const char *name)
{
    const char *text = attribute_text(element, name);

    if (text == NULL) {
        sdf_error(messages, &element->pos, "missing attribute '%s'", name);
        return "";
    }
    if (*text == '\0') {
        sdf_error(messages, &element->pos, "empty attribute '%s'", name);
    }
    return text;
}

static int digit_of(char character)
{
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    if (character >= 'a' && character <= 'f') {
        return character - 'a' + 10;
    }
    if (character >= 'A' && character <= 'F') {
        return character - 'A' + 10;
    }
    return -1;
}

static bool parse_digits(const char *text, unsigned int base, bool underscores, uint64_t *value)
{
    bool any = false;

    *value = 0;
    for (; *text != '\0'; text++) {
        int digit = digit_of(*text);

        if (underscores && *text == '_') {
            continue;
        }
        if (digit < 0 || (unsigned int)digit >= base || *value > (UINT64_MAX - 15) / base) {
            return false;
        }
        *value = *value * base + (unsigned int)digit;
        any = true;
    }
    return any;
}

static bool parse_number(const char *text, uint64_t *value)
{
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        return parse_digits(text + 2, 16, true, value);
    }
    return parse_digits(text, 10, true, value);
}

uint64_t attribute_number(struct sdf_messages *messages, struct xml_element *element,
                          const char *name, uint64_t value_if_absent)
{
    const char *text = attribute_text(element, name);
    uint64_t value;

    if (text == NULL) {
        return value_if_absent;
    }
    if (!parse_number(text, &value)) {
        sdf_error(messages, &element->pos, "attribute '%s' is not a number: '%s'", name, text);
        return value_if_absent;
    }
    return value;
}

uint64_t attribute_required_number(struct sdf_messages *messages, struct xml_element *element,
                                   const char *name)
{
    if (attribute_text(element, name) == NULL) {
        sdf_error(messages, &element->pos, "missing attribute '%s'", name);
        return 0;
    }
    return attribute_number(messages, element, name, 0);
}

uint32_t attribute_id(struct sdf_messages *messages, struct xml_element *element, const char *name,
                      uint32_t min, uint32_t max)
{
    const char *text = attribute_required(messages, element, name);
    uint64_t value;

    if (*text == '\0') {
        return min;
    }
    if (!parse_digits(text, 10, false, &value)) {
        sdf_error(messages, &element->pos, "attribute '%s' is not a decimal number: '%s'", name,
                  text);
        return min;
    }
    if (value < min || value > max) {
        sdf_error(messages, &element->pos, "attribute '%s' must be between %u and %u, not %s", name,
                  min, max, text);
        return min;
    }
    return (uint32_t)value;
}

bool attribute_bool(struct sdf_messages *messages, struct xml_element *element, const char *name,
                    bool value_if_absent)
{
    const char *text = attribute_text(element, name);

    if (text == NULL) {
        return value_if_absent;
    }
    if (strcmp(text, "true") == 0) {
        return true;
    }
    if (strcmp(text, "false") != 0) {
        sdf_error(messages, &element->pos, "attribute '%s' must be 'true' or 'false', not '%s'",
                  name, text);
        return value_if_absent;
    }
    return false;
}

void attribute_finish(struct sdf_messages *messages, struct xml_element *element)
{
    for (struct xml_attribute *attribute = element->attributes; attribute != NULL;
         attribute = attribute->next) {
        if (!attribute->used) {
            struct nearest nearest = {.word = attribute->name};

            for (size_t i = 0; i < element->asked_count; i++) {
                nearest_try(&nearest, element->asked[i]);
            }
            sdf_error(messages, &element->pos, "unknown attribute '%s'" NEAREST_FORMAT,
                      attribute->name, NEAREST_ARGUMENTS(nearest));
        }
    }
}
