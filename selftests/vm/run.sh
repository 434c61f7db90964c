#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Run a program as root on a kernel of its own: boots it, streams the program's
# output, brings back its exit status, and judges the kernel's log.
#
# usage: run.sh [-k KERNEL] [-t SECONDS] [-l LOGFILE] [-c CPUS] [-m MIB] [--tty]
#               [-a WORDS] [-r ROOT] SCRIPT [ARG...]
#   -k KERNEL   one of kernel.sh's names (default: debian-6.1)
#   -t SECONDS  the guest's time, boot included (default: 600)
#   -l LOGFILE  where to keep the kernel's log
#   -c CPUS, -m MIB   the guest's size (defaults: 2, 1024); User Mode Linux 6.1 has one CPU
#   -a WORDS    added to the kernel's command line
#   -r ROOT     boot the Debian of that directory, with its own kernel and systemd, and
#               run there a copy of SCRIPT when all is up (QEMU; no -k, --tty or checkout)
#   --tty       SCRIPT gets a terminal, the caller's
#
# In the guest: the host's root under a temporary overlay, the checkout at the same
# path as working directory, and the directory $RESULTS, which is the host's: the
# caller's $RESULTS, or a temporary one.
#
# Environment: ACCEL=kvm|tcg instead of a probe; VM_KEEP_GOING=1 to go on after
# a kernel warning; VM_EXPORT="NAME..." names variables to hand to SCRIPT.
#
# Exit status: SCRIPT's; 124 after a timeout; 125 when the guest failed (ended
# without reporting, or its kernel complained); 126 when it could not be started.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
# shellcheck source=lib.sh
. "$here/lib.sh"

usage() {
	sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

kernel=debian-6.1 seconds=600 log="" cpus=2 mib=1024 tty="" words="" root=""
while [ $# -gt 0 ]; do
	case $1 in
	--tty)	tty=1; shift; continue ;;
	--)	shift; break ;;
	-[ktlcmar]) [ $# -ge 2 ] || usage ;;
	-*)	usage ;;
	*)	break ;;
	esac
	case $1 in
	-k)	kernel=$2 ;;
	-t)	seconds=$2 ;;
	-l)	log=$2 ;;
	-c)	cpus=$2 ;;
	-m)	mib=$2 ;;
	-a)	words=$2 ;;
	-r)	root=$(realpath -e -- "$2") || exit ;;
	esac
	shift 2
done
[ $# -ge 1 ] || usage
case $seconds$cpus$mib in
*[!0-9]*) usage ;;
esac
script=$(realpath -e -- "$1") || die "no such program: $1"
[ -x "$script" ] || die "$1 isn't executable"
shift
checkout=$(cd "$here/../.." && pwd) || exit

[ -z "$root" ] || [ -z "$tty" ] || die "another root is booted without a terminal"
[ -z "$root" ] || kernel=$root
description=$("$here/kernel.sh" "$kernel") || exit 126
eval "$description"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icmpguard-vm.XXXXXX") || exit 126
guest=
copier=
terminal=
# User Mode Linux is many processes, so it has a session of its own; QEMU is
# one, and has to stay where the terminal is.
stop_guest() {
	[ -n "$guest" ] || return
	kill -9 "$guest" 2>/dev/null
	[ "$KIND" = uml ] && kill -9 -- "-$guest" 2>/dev/null
	wait "$guest" 2>/dev/null
	guest=
}
cleanup() {
	trap '' INT TERM HUP
	stop_guest
	[ -n "$copier" ] && kill "$copier" 2>/dev/null
	[ -n "$terminal" ] && stty "$terminal" <&3 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'say "interrupted"; exit 130' INT
trap 'say "ended by a signal"; exit 143' TERM HUP

# The caller's stdin and stderr: background jobs get another stdin, and the shell's
# messages about a killed guest are sent elsewhere for a while.
exec 3>&2 7<&0

mkdir "$tmp/job"
results=${RESULTS:-$tmp/results}
mkdir -p "$results" && results=$(realpath -- "$results") || die "cannot make $results"
log=${log:-$tmp/log}
: >"$log" || die "cannot write $log"
klog=$(realpath -- "$log")
: >"$tmp/job/status"

rows=24 columns=80
if [ -n "$tty" ] && [ -t 2 ]; then
	read -r rows columns < <(stty size <&3)
	[ "$rows" -gt 0 ] || rows=24 columns=80
	terminal=$(stty -g <&3)
fi

guest_dir=$here
if [ -n "$root" ]; then
	guest_dir=/run/vm/job
	cp "$here/systemd-init" "$tmp/job/guest-init" && cp "$here/systemd-job" "$tmp/job/" &&
		cp "$script" "$tmp/job/script" || exit 126
	script=$guest_dir/script
fi
{
	echo "VM_KIND=$KIND"
	echo "VM_DIR=$(word "$guest_dir")"
	echo "VM_MODULES=$(word "$MODULES")"
	echo "VM_CHECKOUT=$(word "$checkout")"
	echo "VM_TTY=$tty VM_ROWS=$rows VM_COLUMNS=$columns"
	# Not every race is icmpguard's: klog.awk decides.
	case $kernel in
	kcsan-*|smp-*) VM_KEEP_GOING=1 ;;
	esac
	echo "VM_KEEP_GOING=$(word "${VM_KEEP_GOING-}")"
	for name in TERM ${VM_EXPORT-}; do
		[ -n "${!name+set}" ] && echo "export $name=$(word "${!name}")"
	done
	# A POSIX shell reads this file too: it must not see the array.
	printf '[ -z "${BASH_VERSION-}" ] || eval %s\n' \
		"$(word "vm_command=($(for arg in "$script" "$@"; do word "$arg"; echo -n ' '; done))")"
} >"$tmp/job/job"

# QEMU of one kind of acceleration; more arguments follow
qemu() {
	local accel=$1
	shift
	case $accel in
	kvm)	set -- -accel kvm -cpu host "$@" ;;
	*)	local threads=multi
		# A processor may meet the breakpoint of a jump that another has just
		# patched, and Linux 6.12 and 7.3 then don't know it: "Oops: int3".
		[[ $RELEASE == 6.1.* ]] || threads=single
		set -- -accel "tcg,thread=$threads" -cpu max "$@" ;;
	esac
	exec qemu-system-x86_64 -machine q35 -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$IMAGE" -initrd "$initramfs" -device virtio-serial-pci "$@"
}

# KVM counts as usable when it has booted this kernel; the result is kept until the
# machine is rebooted.
probe() {
	local known boot_id
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || { echo tcg; return; }
	boot_id=$(cat /proc/sys/kernel/random/boot_id)
	known=${initramfs%/*}/accel
	if [ "$(cut -d' ' -f1 "$known" 2>/dev/null)" != "$boot_id" ]; then
		: >"$tmp/probe"
		(qemu kvm -m 256 -append "console=ttyS0 panic=-1 vm.probe" -serial null \
			-chardev "file,id=status,path=$tmp/probe" -device virtserialport,chardev=status,name=status \
			</dev/null >/dev/null 2>&1) &
		guest=$!
		local i
		for ((i = 0; i < 80; i++)); do
			kill -0 "$guest" 2>/dev/null || break
			sleep 0.1
		done
		stop_guest
		if grep -qx 'exit 0' "$tmp/probe"; then
			echo "$boot_id kvm" >"$known"
		else
			echo "$boot_id tcg" >"$known"
		fi
	fi
	cut -d' ' -f2 "$known"
}

# The frequency of an emulated processor's TSC: the machine's own, which QEMU reads for
# it. Prints nothing if that isn't so, or can't be measured.
tsc_khz() {
	[ "$(uname -m)" = x86_64 ] || return
	if [ ! "$cache/tsc-khz" -nt "$here/tsc.c" ]; then
		gcc -O2 -o "$cache/tsc-khz.$$" "$here/tsc.c" && mv "$cache/tsc-khz.$$" "$cache/tsc-khz" || return
	fi
	"$cache/tsc-khz"
}

start_qemu() {
	local khz early=""
	command -v qemu-system-x86_64 >/dev/null || setup vm
	initramfs=$("$here/initramfs.sh" "$kernel") || exit 126
	case ${ACCEL-} in
	'')	accel=$(probe) ;;
	kvm|tcg) accel=$ACCEL ;;
	*)	die "ACCEL is kvm or tcg, not '$ACCEL'" ;;
	esac
	# Emulated timers tick only when QEMU gets to run. A kernel that calibrates its TSC by
	# them, or checks them, may find a clock ten times too fast, or none, and panic.
	if [ "$accel" = tcg ]; then
		khz=$(tsc_khz)
		early="no_timer_check ${khz:+tsc_early_khz=$khz}"
	fi
	# The TSC as clock: Linux would use the HPET on processors that aren't Intel's, which
	# QEMU emulates slowly, for one processor at a time.
	set -- -smp "$cpus" -m "$mib" \
		-append "console=ttyS0 loglevel=7 panic=-1 oops=panic random.trust_cpu=on net.ifnames=0 mitigations=off tsc=reliable workqueue.power_efficient=0 rcupdate.rcu_cpu_stall_timeout=60 watchdog_thresh=60 $early $words" \
		-chardev "file,id=klog,path=$klog" -serial chardev:klog \
		-chardev "file,id=status,path=$tmp/job/status" \
		-device virtserialport,chardev=status,name=status \
		-fsdev local,id=root,path=${root:-/},security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=root,mount_tag=root \
		-fsdev "local,id=job,path=$tmp/job,security_model=none,readonly=on" \
		-device virtio-9p-pci,fsdev=job,mount_tag=job \
		-fsdev "local,id=results,path=$results,security_model=none" \
		-device virtio-9p-pci,fsdev=results,mount_tag=results
	# Two cards on one wire, for who loads their driver
	[ -n "$root" ] || set -- "$@" -netdev hubport,id=one,hubid=0 -device virtio-net-pci,netdev=one \
		-netdev hubport,id=two,hubid=0 -device virtio-net-pci,netdev=two
	if [ -n "$tty" ]; then
		(qemu "$accel" "$@" -chardev stdio,id=output,signal=on -device virtconsole,chardev=output) <&7 &
	else
		(qemu "$accel" "$@" -chardev "file,id=output,path=$tmp/output" \
			-device virtserialport,chardev=output,name=output) </dev/null &
	fi
	guest=$!
}

# take_processor: sets $processor to one of those that fewest guests have, for as long as
# descriptor 9 is open.
take_processor() {
	local range i
	local -a all
	mapfile -t all < <(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , '\n' |
		while read -r range; do
			seq "${range%-*}" "${range#*-}"
		done)
	for ((i = 0;; i++)); do
		for processor in "${all[@]}"; do
			exec 9>"$cache/processor-$processor.$i.lock" || die "cannot lock a processor"
			! flock -n 9 || return 0
		done
	done
}

start_uml() {
	local shm=$tmp smp="" processor pin=()
	if grep -qx CONFIG_SMP=y "$KDIR/.config"; then
		# Several processors need its other way to run programs.
		smp="ncpus=$cpus seccomp=on"
	else
		# Its processes run in turn. A turn on another processor takes much longer to begin,
		# and programs take two to three times as long.
		take_processor
		pin=(taskset -c "$processor")
	fi
	# Its memory is a file, which has to be mapped executable.
	findmnt -n -o OPTIONS -T /dev/shm | grep -qw noexec || shm=/dev/shm
	local serial="ssl0=null,fd:5"
	[ -n "$tty" ] && serial="ssl0=fd:6,fd:5"
	(TMPDIR=$shm exec setsid "${pin[@]}" "$IMAGE" "mem=${mib}M" root=hostfs rootfstype=hostfs ro init="$here/uml-init" \
		con=null con0=null,fd:1 $serial uml_dir="$tmp" loglevel=7 panic=-1 oops=panic \
		job="$tmp/job" results="$results" $smp $words \
		5>"$tmp/output" 6<&7 >"$klog" 2>&1 </dev/null) &
	guest=$!
}

# boot: start the guest and wait for its end; fails on a timeout, or, once, when its
# kernel hangs: an emulated processor sometimes hangs while it boots, which isn't the
# job's fault.
again=1
[ "$KIND" = qemu ] || again=
patience=$((seconds / 2 < 180 ? seconds / 2 : 180))
boot() {
	local begin=$SECONDS rc=0
	if [ -z "$tty" ]; then
		mkfifo "$tmp/output"
		cat "$tmp/output" &
		copier=$!
	elif [ "$KIND" = uml ]; then
		ln -s /dev/stdout "$tmp/output"
	fi
	"start_$KIND"

	exec 2>"$tmp/remarks"
	while kill -0 "$guest" 2>/dev/null; do
		if [ $((SECONDS - begin)) -ge "$seconds" ]; then
			rc=1
			break
		fi
		if [ -n "$again" ] && [ $((SECONDS - begin)) -ge "$patience" ]; then
			grep -q 'as init process' "$klog" || { rc=2; break; }
			again=
		fi
		sleep 0.1
	done
	# One that ended by itself may still have left something of itself.
	stop_guest
	exec 2>&3
	# All output before any verdict; if the machine never opened its end, the copier would
	# wait forever.
	if [ -n "$copier" ]; then
		exec 8<>"$tmp/output" 8>&-
		wait "$copier"
		copier=
		rm "$tmp/output"
	fi
	return $rc
}

late=
boot
case $? in
1)	late=1 ;;
2)	say "the guest's kernel got nowhere in $patience s; booting it once more; the end of its log:"
	tail -n 3 "$klog" | tr -d '\r' >&2
	again=
	boot || late=1 ;;
esac

status=$(sed -n 's/^exit \([0-9]*\).*$/\1/p' "$tmp/job/status")
complaints=$(awk -f "$here/klog.awk" "$klog")
fail() {
	say "$1 (kernel $RELEASE)"
	if [ -n "$complaints" ]; then
		say "the kernel complained:"
		printf '%s\n' "$complaints" >&2
	else
		say "the end of its log:"
		tail -n 15 "$klog" | tr -d '\r' >&2
	fi
	exit "$2"
}
if [ -n "$late" ]; then
	fail "the guest was still running after $seconds s" 124
elif [ -z "$status" ]; then
	fail "the guest ended without reporting an exit status" 125
elif [ -n "$complaints" ]; then
	fail "the program ended with status $status" 125
fi
exit "$status"
