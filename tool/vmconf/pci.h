/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI functions of a guest, which are what their regions' names say (docs/vmconf.md): a page of the
 * board's ECAM that is mapped into the VMM is a function, NAME_bar0 to NAME_bar5 are its BARs.
 */
#ifndef SLUICE_TOOL_VMCONF_PCI_H
#define SLUICE_TOOL_VMCONF_PCI_H

#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/guest.h"

/* Fills in guest->pci; after maps_read(). Reports what is wrong with it. */
void pci_read(struct guest *guest);

/* Why a bridge cannot be passed through whole; NULL: it can. */
const char *pci_whole_why_not(const struct guest *guest, const struct bridge *bridge);
/* Whether an address is in a window of a bridge that is, or was meant to; in *end, where that ends.
 */
bool pci_whole_has_memory(const struct guest *guest, uint64_t at, uint64_t *end);
/* Whether pci_whole_write() writes a property of a node instead, and that: pci_whole.c. */
bool pci_whole_replaces(const struct guest *guest, size_t node, const char *property);
void pci_whole_write(const struct guest *guest, struct fdt_writer *writer, size_t node);

/* Whether a path is that of a bridge that is; and its first bus then. */
bool pci_whole_is(const struct guest *guest, const char *path, uint16_t *first_bus);

/* Its parts: configuration pages, BARs, lines and vectors. */
void pci_read_functions(struct guest *guest);
void pci_read_bars(struct guest *guest);
void pci_read_irqs(struct guest *guest);
/* Reports what is mapped of the bridge's windows and is no function's. */
void pci_refuse_strays(struct guest *guest);

/* Reports functions that have several owners, and lines. */
void pci_check_sharing(const struct guest *guests, size_t guest_count);

/* The board's line of one of a function's pins (1: INTA), if the function may have that; or NULL.
 */
const struct tree_irq *pci_line_of(const struct guest *guest,
                                   const struct vm_config_pci_function *function, uint32_t pin);
/* Whether an INTID is a line or a vector of the guest's functions. */
bool pci_has_irq(const struct guest *guest, uint32_t intid);
/* Whether an <irq> is a vector that this SDK does not make: it is in the description for others. */
bool pci_has_idle_irq(const struct guest *guest, const struct sdf_irq *irq);
/* For an <irq> that is neither: " (why not)", or "". */
const char *pci_irq_hint(const struct guest *guest, const struct sdf_irq *irq);
/* Whether [at, at + size) shares a byte with a BAR of a function of the guest's; in *end, where
 * that ends. */
bool pci_has_bar(const struct guest *guest, uint64_t at, uint64_t size, uint64_t *end);
/* What a function of the board's is called in messages; NULL: an emulated one. */
const char *pci_name(const struct guest *guest, uint32_t index);
/* Warns of functions that do not see what is in caches. */
void pci_warn_of_incoherent(struct guest *guest);

/* How a function, bus << 8 | device << 3 | function, is called: "00:01.0". */
const char *pci_address(struct arena *arena, uint16_t address);
/* The board's bridge whose ECAM a region has a byte of, or NULL. */
const struct bridge *pci_bridge_of(const struct board *board, const struct sdf_region *region);

/* The addresses of a bridge's memory windows, for messages. */
const char *pci_windows(struct arena *arena, const struct bridge *bridge);

#define PCI_WINDOW_CELLS 7u /* of an entry of ranges: 3 of the bus, 2 of the CPU, 2 size */
void pci_window_cells(uint32_t *cells, uint32_t flags, uint64_t pci,
                      const struct tree_range *range);

/* Gives bridge and MSI frame their places among the emulated devices. */
void pci_place(struct guest *guest);
/* The MSI frame alone, whose place is settled. False, after a message: that cannot be. */
bool pci_add_msi(struct guest *guest);
/* Makes the guest's console a function: the VMM emulates it. Fills in where it is; kind and
 * interrupt are known. After pci_place(). */
void pci_place_console(struct guest *guest);
/* Writes their nodes: pci_tree.c. */
void pci_write_bridge(struct guest *guest, struct fdt_writer *writer, const char *name);
void pci_write_msi(struct guest *guest, struct fdt_writer *writer, const char *name);

/* Whether the VMM has but one way to reset a function, which not all have: it has none of the
 * registers that the guest has. */
bool pci_needs_flr(const struct guest *guest, uint32_t function);
/* The functions, for the report. */
void pci_write_report(const struct guest *guest, FILE *file);

#endif
