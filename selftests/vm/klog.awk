# SPDX-License-Identifier: GPL-2.0-only
#
# Print the lines of a kernel log in which the kernel reports a fault, and exit 1 when
# there is one. Only the start of a message counts where ordinary words could be part of
# a harmless one. Two kinds don't count: a data race without icmpguard's part in it, of
# which the kernel has many, and an out-of-memory report that a test has caused. Lines
# before the start of the guest's job don't count either: they are the kernel's own.

function complaint(message)
{
	if (message ~ /^(WARNING|BUG|Oops)( |:)/ ||
	    message ~ /^INFO: / || message ~ /^rcu: INFO: / ||
	    message ~ /^(general protection fault|double fault|divide error|invalid opcode|stack segment|int3)[:,]/ ||
	    message ~ /^Kernel panic/ || message ~ /^Kernel mode fault/ ||
	    message ~ /^------------\[ cut here \]------------/ ||
	    message ~ /^(Call Trace|Modules linked in):/)
		return 1
	if (message ~ /kernel BUG at / || message ~ /Oops: / ||
	    message ~ /BUG: (KASAN|KCSAN|KFENCE|KMSAN|sleeping|scheduling|unable|spinlock|rwlock|workqueue|soft|using|Bad|bad|held|looking)/ ||
	    message ~ /(KASAN|KCSAN|KFENCE|KMSAN|UBSAN|ODEBUG): / ||
	    message ~ /kmemleak: .*(suspected memory leak|Cannot|not being)/ ||
	    message ~ /refcount_t: / ||
	    message ~ /unregister_netdevice: waiting/ ||
	    message ~ /(circular|recursive|irq|inconsistent|invalid|deadlock).* (lock|locking|dependency|context).* ?detected/ ||
	    message ~ /possible .* detected/ ||
	    message ~ /suspicious RCU usage/ ||
	    message ~ /(self-detected|detected) stall/ || message ~ /detected stalls/ ||
	    message ~ /(soft|hard) (lockup|LOCKUP)/ ||
	    message ~ /blocked for more than [0-9]+ seconds/ ||
	    message ~ /(list_(add|del)|slab|page) ?(corruption|overwritten)/ ||
	    message ~ /(Poison|Redzone|Right Redzone|Left Redzone|Padding) overwritten/ ||
	    message ~ /Objects remaining in / ||
	    message ~ /unable to handle (kernel|page fault)/ ||
	    message ~ /stack-protector: / ||
	    message ~ /Out of memory: / || message ~ /page allocation failure/ ||
	    message ~ /vmalloc error: / ||
	    message ~ /proc_dir_entry .* already registered/ ||
	    message ~ /sysfs: cannot create duplicate/ ||
	    message ~ /[Uu]nknown symbol/ || message ~ /disagrees about version of symbol/)
		return 1
	return 0
}

function report(line)
{
	found = 1
	if (shown < 40)
		reported[++shown] = line
}

{
	sub(/\r$/, "")
	message = $0
	# "[   12.345678]" and "[   12.345678][    T1]"
	sub(/^(<[0-9]+>)?\[ *[0-9]+\.[0-9]+\](\[ *[CT][0-9]+\])? ?/, "", message)
}

message ~ /^icmpguard selftests: the job begins/ {
	found = shown = 0
	race = ""
}

message ~ /^icmpguard selftests: / {
	injected = message ~ /faults are injected/
}

# A KCSAN report is between two such lines.
message ~ /^=+$/ {
	ruled = NR
	race = ""
}

message ~ /^BUG: KCSAN: data-race/ && ruled == NR - 1 {
	race = $0
	next
}

race != "" {
	if (message ~ /\[icmpguard(_test)?\]/) {
		report(race)
		race = ""
	}
	next
}

injected && message ~ /vmalloc error: |page allocation failure|kmemleak: Cannot allocate a scan area|^Call Trace:/ {
	next
}

complaint(message) {
	report($0)
}

END {
	# An incomplete one can't be attributed.
	if (race != "")
		report(race)
	for (i = 1; i <= shown; i++)
		print reported[i]
	exit found
}
