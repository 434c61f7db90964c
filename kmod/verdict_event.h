/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoint of verdicts, read several times to make code of it.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM icmpguard

#if !defined(_ICMPGUARD_VERDICT_EVENT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ICMPGUARD_VERDICT_EVENT_H

#include <linux/tracepoint.h>

struct icmpguard_verdict;

TRACE_EVENT(icmpguard_verdict,

	TP_PROTO(const struct icmpguard_verdict *verdict),

	TP_ARGS(verdict),

	TP_STRUCT__entry(
		__field(u16, family)
		__field(u16, type)
		__field(u8, code)
		__field(u8, verdict)
		__field(u8, mode)
		__array(u8, saddr, 4)
		__array(u8, saddr_v6, 16)
		__array(char, dev, IFNAMSIZ)
		__array(char, reason, ICMPGUARD_REASON_NAME)
	),

	TP_fast_assign(
		__entry->family = verdict->v6 ? AF_INET6 : AF_INET;
		__entry->type = verdict->type;
		__entry->code = verdict->code;
		__entry->verdict = verdict->verdict;
		__entry->mode = verdict->mode;
		memset(__entry->saddr, 0, sizeof(__entry->saddr));
		if (!verdict->v6)
			memcpy(__entry->saddr, &verdict->src.s6_addr32[3], sizeof(__entry->saddr));
		memcpy(__entry->saddr_v6, &verdict->src, sizeof(__entry->saddr_v6));
		strscpy_pad(__entry->dev, verdict->dev, IFNAMSIZ);
		strscpy_pad(__entry->reason, verdict->reason, ICMPGUARD_REASON_NAME);
	),

	TP_printk("family=%s type=%u code=%u saddr=%pI4 saddrv6=%pI6c dev=%s reason=%s verdict=%s mode=%s",
		__print_symbolic(__entry->family, { 2, "icmp" }, { 10, "icmpv6" }),
		__entry->type, __entry->code, __entry->saddr, __entry->saddr_v6, __entry->dev,
		__entry->reason,
		__print_symbolic(__entry->verdict, { 0, "drop" }, { 1, "accept" }),
		__print_symbolic(__entry->mode, { 1, "monitor" }, { 2, "enforce" }))
);

#endif /* _ICMPGUARD_VERDICT_EVENT_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE verdict_event
#include <trace/define_trace.h>
