#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# klog.awk against lines that are complaints and lines that only look so.

set -u
cd "$(dirname "$0")" || exit
. ./ktap.sh

# One line a case; the time in front as consoles print it
bad_lines() {
	cat <<'END'
[   10.000001] WARNING: CPU: 0 PID: 311 at kmod/limiter.c:88 limiter_charge+0x1c/0x40 [icmpguard]
[   10.000001] WARNING: possible circular locking dependency detected
[   10.000001] WARNING: possible recursive locking detected
[   10.000001] WARNING: inconsistent lock state
[   10.000001] WARNING: suspicious RCU usage
[   10.000001] WARNING: bad unlock balance detected!
[   10.000001] WARNING: held lock freed!
[   10.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008
[   10.000001] BUG: unable to handle page fault for address: ffffc90000a3f000
[   10.000001] BUG: sleeping function called from invalid context at mm/slab.h:256
[   10.000001] BUG: scheduling while atomic: ping/412/0x00000100
[   10.000001] BUG: KASAN: slab-out-of-bounds in parse_icmp+0x9c/0x120 [icmpguard]
[   10.000001] BUG: KCSAN: data-race in stats_add / stats_read
[   10.000001] BUG: KFENCE: use-after-free read in rules_lookup+0x20/0x80
[   10.000001] BUG kmalloc-64 (Tainted: G           O      ): Poison overwritten
[   10.000001] BUG: spinlock bad magic on CPU#1, rmmod/501
[   10.000001] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [ksoftirqd/0:14]
[   10.000001] Oops: 0000 [#1] PREEMPT SMP NOPTI
[   10.000001] kernel BUG at net/core/skbuff.c:2112!
[   10.000001] general protection fault, probably for non-canonical address 0xdead000000000108
[   10.000001] int3: 0000 [#1] PREEMPT SMP
[   10.000001] Kernel panic - not syncing: Fatal exception in interrupt
[   10.000001] UBSAN: shift-out-of-bounds in kmod/gcra.h:41:20
[   10.000001] INFO: task rmmod:501 blocked for more than 120 seconds.
[   10.000001] INFO: trying to register non-static key.
[   10.000001] rcu: INFO: rcu_preempt self-detected stall on CPU
[   10.000001] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:
[   10.000001] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
[   10.000001] refcount_t: underflow; use-after-free.
[   10.000001] unregister_netdevice: waiting for veth0 to become free. Usage count = 2
[   10.000001] ODEBUG: free active (active state 0) object type: timer_list
[   10.000001] list_del corruption. prev->next should be ffff888003f0, but was dead000000000100
[   10.000001] Object icmpguard: Objects remaining in icmpguard_slots on __kmem_cache_shutdown()
[   10.000001] proc_dir_entry 'net/icmpguard' already registered
[   10.000001] sysfs: cannot create duplicate filename '/module/icmpguard'
[   10.000001] icmpguard: Unknown symbol nf_ct_frag6_gather (err -2)
[   10.000001] icmpguard: disagrees about version of symbol module_layout
[   10.000001] Out of memory: Killed process 412 (python3) total-vm:91232kB
[   10.000001] insmod: page allocation failure: order:9, mode:0xdc0
[   10.000001] ------------[ cut here ]------------
[   10.000001][    T1] WARNING: CPU: 1 PID: 1 at net/core/dev.c:1
<4>[   10.000001] Call Trace:
WARNING: CPU: 0 PID: 9 at kernel/softirq.c:376 __local_bh_enable_ip+0x6d/0x80
BUG: KASAN: null-ptr-deref in nothing+0x1/0x2
END
}

good_lines() {
	cat <<'END'
[    0.000000] Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible
[    0.000000] x86/bugs: MDS: Vulnerable: Clear CPU buffers attempted, no microcode
[    0.000000] Kernel command line: console=ttyS0 panic=-1 oops=panic panic_on_warn=1
[    0.000000] rcu: 	RCU restricting CPUs from NR_CPUS=8192 to nr_cpu_ids=2.
[    0.000000] kmemleak: Kernel memory leak detector initialized (mem pool available: 15785)
[    0.000000] kasan: KernelAddressSanitizer initialized
[    0.000000] Running RCU self tests
[    0.000000] NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.
[    1.000000] ACPI: PM: Preparing to enter system sleep state S5
[    1.000000] ACPI BIOS Error (bug): Could not resolve symbol [\_SB.PCI0], AE_NOT_FOUND
[    1.000000] pci 0000:00:1f.0: [Firmware Bug]: reg 0x10: invalid BAR
[    1.000000] icmpguard: loading out-of-tree module taints kernel.
[    1.000000] icmpguard: module verification failed: signature and/or required key missing - tainting kernel
[    1.000000] icmpguard: 1.0 guards with its defaults
[    1.000000] device veth0 entered promiscuous mode
[    1.000000] IPv6: ADDRCONF(NETDEV_CHANGE): veth0: link becomes ready
[    1.000000] clocksource: Long readout interval, skipping watchdog check: cs_nsec: 1180
[    1.000000] sched: RT throttling activated
[    1.000000] hrtimer: interrupt took 6152890 ns
[    1.000000] TCP: request_sock_TCP: Possible SYN flooding on port 8000. Sending cookies.
[    1.000000] # gcra: no BUG: here, says a test
[    1.000000] ok 1 - oops_counter_starts_at_zero
END
}

# A race, found in $1 and $2
race() {
	cat <<END
[    2.000000] ==================================================================
[    2.000000] BUG: KCSAN: data-race in $1 / $2
[    2.000000]
[    2.000000] write to 0xffff888003f0 of 8 bytes by interrupt on cpu 1:
[    2.000000]  $1
[    2.000000]  nf_hook_slow+0x5f/0xc0
[    2.000000] read to 0xffff888003f0 of 8 bytes by task 411 on cpu 0:
[    2.000000]  $2
[    2.000000] Reported by Kernel Concurrency Sanitizer on:
[    2.000000] CPU: 0 PID: 411 Comm: ping Tainted: G           O       6.1.192 #1
[    2.000000] ==================================================================
END
}

# Out of memory, caused by a test
shortage() {
	cat <<'END'
[    3.000000] icmpguard selftests: faults are injected from here on
[    3.000000] fault_test: vmalloc error: size 40960, vm_struct allocation failed, mode:0xcc0(GFP_KERNEL)
[    3.000000] CPU: 0 PID: 411 Comm: fault_test Tainted: G           O       6.1.192 #1
[    3.000000] Call Trace:
END
}

# judged STATUS NAME: of the log in $lines
judged() {
	awk -f ../vm/klog.awk "$lines" >/dev/null
	[ $? -eq "$1" ]
	result $? "$2"
}

# The lines on standard input that are judged other than $1, and result $2
misjudged() {
	count=0 wrong=0
	while IFS= read -r line; do
		printf '%s\r\n' "$line" | awk -f ../vm/klog.awk >/dev/null
		if [ $? -ne "$1" ]; then
			echo "# misjudged: $line"
			wrong=$((wrong + 1))
		fi
		count=$((count + 1))
	done
	[ "$wrong" -eq 0 ]
	result $? "$2, $count lines"
}

# Without a pipe: the counts have to stay in this shell.
lines=$(mktemp) || exit 1
trap 'rm -f "$lines"' EXIT
bad_lines >"$lines"
misjudged 1 "every complaint is reported" <"$lines"
good_lines >"$lines"
misjudged 0 "nothing harmless is reported" <"$lines"
awk -f ../vm/klog.awk "$lines" >/dev/null
result $? "a log of harmless lines passes as a whole"
bad_lines | tail -n 1 >>"$lines"
awk -f ../vm/klog.awk "$lines" | cmp -s - "$(bad_lines | tail -n 1 >"$lines.bad"; echo "$lines.bad")"
result $? "one complaint among them is all that is printed"
rm -f "$lines.bad"
race 'dev_get+0x1/0x2' 'dev_put+0x1/0x2' >"$lines"
judged 0 "a data race of others isn't reported"
race 'dev_get+0x1/0x2' 'hook4+0x1/0x2 [icmpguard]' >"$lines"
judged 1 "one that icmpguard has a part in is"
race 'dev_get+0x1/0x2' 'dev_put+0x1/0x2' | head -n 8 >"$lines"
judged 1 "one that is cut off is"
{ race 'dev_get+0x1/0x2' 'dev_put+0x1/0x2'; bad_lines | head -n 1; } >"$lines"
judged 1 "a complaint after one is"
shortage >"$lines"
judged 0 "memory that a test made run short isn't reported"
{ shortage; bad_lines | head -n 1; } >"$lines"
judged 1 "another complaint meanwhile is"
{ shortage; echo "[    4.000000] icmpguard selftests: limit.sh"; shortage | tail -n 3; } >"$lines"
judged 1 "one in the next program is"
begins="[    9.000000] icmpguard selftests: the job begins"
{ bad_lines; echo "$begins"; good_lines; } >"$lines"
judged 0 "what was before the job began isn't reported"
{ good_lines; echo "$begins"; bad_lines | head -n 1; } >"$lines"
judged 1 "what comes after is"
ktap_end
