/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What BTF says of icmpguard_xdp_refuses(), written out: five types. So neither pahole
 * nor resolve_btfids is needed to build, which few machines that build modules have.
 *
 * A module's types are numbered on from the kernel's, and its strings too. Since Linux
 * 6.11 a module may bring along the few types of the kernel's that it needs
 * (.BTF.base), and they are found by name when it is loaded. Before, the build has to
 * know how many there are: kmod/btf.sh.
 */
#ifndef _ICMPGUARD_XDP_BTF_H
#define _ICMPGUARD_XDP_BTF_H

#include <linux/btf.h>
#include <linux/stringify.h>

#define BTF_SECTION(name, types, types_size, strings, strings_size)			\
	"	.pushsection " name ",\"a\",%progbits\n"				\
	"	.short " __stringify(BTF_MAGIC) "\n"					\
	"	.byte " __stringify(BTF_VERSION) ", 0\n"				\
	"	.long 24, 0, " types_size ", " types_size ", " strings_size "\n"	\
	types strings									\
	"	.popsection\n"

/* Of each type: its name, its kind with what belongs to that, and its size or type */
#define BTF_TYPE(name, kind, type)	"	.long " name ", " kind " << 24, " type "\n"
#define BTF_WITH(more)			"	.long " more "\n"

/* int, of 32 bits and signed; struct xdp_md, whose members don't matter */
#define BTF_KERNELS(int_name, xdp_name)							\
	BTF_TYPE(int_name, "1", "4") BTF_WITH("0x01000020")				\
	BTF_TYPE(xdp_name, "4", "24")
#define BTF_KERNELS_SIZE	"28"

/* struct xdp_md *; int (struct xdp_md *ctx); and the function. @of: the first's number */
#define BTF_OWN(int_type, of, ctx_name, name)						\
	BTF_TYPE("0", "2", int_type " + 1")						\
	"	.long 0, 0x0d000001, " int_type ", " ctx_name ", " of "\n"		\
	BTF_TYPE(name, "12", of " + 1")
#define BTF_OWN_SIZE		"44"

#define BTF_STRING(s)		"	.asciz \"" s "\"\n"
#define BTF_KERNELS_STRINGS	BTF_STRING("int") BTF_STRING("xdp_md")
#define BTF_OWN_STRINGS		BTF_STRING("ctx") BTF_STRING("icmpguard_xdp_refuses")

#ifdef ICMPGUARD_BTF_BASE
asm(BTF_SECTION(".BTF.base", BTF_KERNELS("1", "5"), BTF_KERNELS_SIZE,
		BTF_STRING("") BTF_KERNELS_STRINGS, "12"));
asm(BTF_SECTION(".BTF", BTF_OWN("1", "3", "12", "16"), BTF_OWN_SIZE, BTF_OWN_STRINGS, "26"));
#define ICMPGUARD_BTF_ID	5
#else
#define TYPES	__stringify(ICMPGUARD_BTF_TYPES)
#define STRINGS	__stringify(ICMPGUARD_BTF_STRINGS)
asm(BTF_SECTION(".BTF",
		BTF_KERNELS(STRINGS, STRINGS " + 4")
		BTF_OWN(TYPES, TYPES " + 2", STRINGS " + 11", STRINGS " + 15"),
		BTF_KERNELS_SIZE " + " BTF_OWN_SIZE,
		BTF_KERNELS_STRINGS BTF_OWN_STRINGS, "37"));
#undef STRINGS
#undef TYPES
#define ICMPGUARD_BTF_ID	(ICMPGUARD_BTF_TYPES + 4)
#endif

#endif /* _ICMPGUARD_XDP_BTF_H */
