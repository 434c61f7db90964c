/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_RCUPDATE_H
#define _SIM_RCUPDATE_H

#include <linux/types.h>

#define rcu_access_pointer(p)			(p)
#define rcu_dereference_check(p, c)		(p)
#define rcu_dereference_protected(p, c)		(p)
#define rcu_assign_pointer(p, v)		((p) = (v))

#define rcu_replace_pointer(p, v, c)		\
({						\
	__typeof__(p) old_pointer = (p);	\
						\
	(p) = (v);				\
	old_pointer;				\
})

/* No reader ever runs while a program frees something. */
static inline void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	func(head);
}

#endif /* _SIM_RCUPDATE_H */
