# SPDX-License-Identifier: GPL-2.0-only
#
# Sum up KTAP. A result that has results nested in it stands for them and isn't
# counted itself; a level of nesting is four spaces (KUnit) or "# " (the kselftest
# runner). Missing results are failures too: fewer results than planned, "Bail out!",
# a program that failed although no result of it did.
#
# Prints "not ok NAME" for each failure, then "PASSED FAILED SKIPPED".

# The streams that a result at the level is nested in
function place(level,    e, path)
{
	for (e = 1; e <= level; e++)
		if (e in stream)
			path = path stream[e] ": "
	return path
}

function fail(name)
{
	failed++
	print "not ok " name
}

# A stream at level e ends: all that it planned must have come.
function close_stream(e, name)
{
	if (e in plan && plan[e] != count[e] + 0)
		fail(name ": " count[e] + 0 " results of " plan[e] " planned")
	delete plan[e]
	delete count[e]
}

# End everything nested deeper than level d; returns how many results it held
function close_deeper(d, name,    held)
{
	for (; deepest > d; deepest--) {
		held += count[deepest]
		close_stream(deepest, name)
		delete stream[deepest]
	}
	return held
}

function directive(text, word)
{
	return text ~ ("# *" word "([^a-zA-Z]|$)")
}

{
	sub(/\r$/, "")
	line = $0
	# The kernel log's time, when the stream comes from there
	sub(/^\[ *[0-9]+\.[0-9]+\](\[ *[CT][0-9]+\])? ?/, "", line)
	depth = 0
	while (sub(/^(# |    )/, "", line))
		depth++
}

# A further stream in one file; its plan may come last.
line ~ /^KTAP version / && depth == 0 {
	if (close_deeper(0, "stream"))
		fail("stream: results nested in nothing")
	close_stream(0, "stream")
	next
}

# A stream's name: KUnit's is a remark in it, the runner's comes before it.
line ~ /^Subtest: / && depth > 1 {
	stream[depth - 1] = substr(line, 10)
	next
}

line ~ /^selftests: / {
	stream[depth] = line
	next
}

line ~ /^Bail out!/ {
	fail(line)
	next
}

line ~ /^1\.\.[0-9]+/ {
	match(line, /^1\.\.[0-9]+/)
	if (depth > deepest)
		deepest = depth
	# A second stream in one file; a plan may also come last
	if (depth in plan) {
		close_deeper(depth, "stream")
		close_stream(depth, "stream")
	}
	plan[depth] = substr(line, 4, RLENGTH - 3) + 0
	next
}

line ~ /^(not )?ok [0-9]+( |$)/ {
	ok = line !~ /^not /
	name = line
	sub(/^(not )?ok [0-9]+ ?(- )?/, "", name)
	if (depth > deepest)
		deepest = depth
	held = close_deeper(depth, name)
	inside = failed - mark[depth]
	if (held) {
		if (!ok && !inside && !directive(name, "(SKIP|TODO|XFAIL)"))
			fail(name ": failed with no result of it failing")
	} else if (directive(name, "SKIP")) {
		skipped++
	} else if (ok || directive(name, "(TODO|XFAIL)")) {
		passed++
	} else {
		fail(place(depth) name)
	}
	for (level = depth; level <= 16; level++)
		mark[level] = failed
	count[depth]++
}

END {
	if (close_deeper(0, "end of stream"))
		fail("end of stream: results nested in nothing")
	close_stream(0, "stream")
	print passed + 0, failed + 0, skipped + 0
}
