# SPDX-License-Identifier: GPL-2.0-only
#
# Print the code blocks of README.md and of Documentation's .rst files, line by line:
# the section's title, a tab, and the line, with continued lines joined. Markdown has
# fenced blocks, reStructuredText indented ones after "::".

function out(line)
{
	sub(/^[ \t]+/, "", line)
	if (line == "")
		return
	if (line ~ /\\$/) {
		part = part substr(line, 1, length(line) - 1)
		return
	}
	print section "\t" part line
	part = ""
}

FNR == 1 {
	fence = block = 0
	section = last = ""
}

FILENAME ~ /\.md$/ {
	if ($0 ~ /^```/)
		fence = !fence
	else if (fence)
		out($0)
	else if (sub(/^#+ /, ""))
		section = $0
	next
}

block && /^[^ \t]/ {
	block = 0
}

block {
	out($0)
	next
}

/^[^ \t].*::$|^::$/ {
	block = 1
}

# A title is above a line of as many signs.
/^(===+|---+)$/ && last != "" && length(last) == length($0) {
	section = last
}

{
	last = $0
}
