/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attribute values: each getter parses one attribute of an element, complains about what is wrong
 * with it, and then returns the default, so that the reader goes on and finds the next error.
 */
#ifndef SLUICE_TOOL_SDF_ATTRIBUTE_H
#define SLUICE_TOOL_SDF_ATTRIBUTE_H

#include "tool/sdf/xml.h"

/* NULL: it is not there. */
const char *attribute_text(struct xml_element *element, const char *name);
/* The same, and an error if it is not there or empty; then "". */
const char *attribute_required(struct sdf_messages *messages, struct xml_element *element,
                               const char *name);

/* Decimal, or hexadecimal after 0x, underscores ignored. */
uint64_t attribute_number(struct sdf_messages *messages, struct xml_element *element,
                          const char *name, uint64_t value_if_absent);
uint64_t attribute_required_number(struct sdf_messages *messages, struct xml_element *element,
                                   const char *name);
/* Plain decimal in [min, max]; required. `min` after a message. */
uint32_t attribute_id(struct sdf_messages *messages, struct xml_element *element, const char *name,
                      uint32_t min, uint32_t max);
bool attribute_bool(struct sdf_messages *messages, struct xml_element *element, const char *name,
                    bool value_if_absent);

/* Complains about every attribute that nobody asked for. */
void attribute_finish(struct sdf_messages *messages, struct xml_element *element);

#endif
