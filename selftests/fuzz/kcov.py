# SPDX-License-Identifier: GPL-2.0-only
"""Which of the kernel's instructions this thread reaches: Documentation/dev-tools/kcov.rst.

Where the kernel has no KCOV, or nobody gave FUZZ_COVERAGE, nothing is done. What is reached
of the module goes to $RESULTS/coverage, as offsets in its text, one a line.
"""
import fcntl
import mmap
import os
import pathlib

FILE = "/sys/kernel/debug/kcov"
INIT, ENABLE, DISABLE = 0x80086301, 0x6364, 0x6365
WORDS = 1 << 20


class Kcov:
    """Inside `with`, what is reached is noted; the outer one opens and reports."""

    def __init__(self):
        self.file = self.map = None
        self.depth, self.reached = 0, set()

    def __enter__(self):
        self.depth += 1
        if self.depth == 1 and os.environ.get("FUZZ_COVERAGE") and os.path.exists(FILE):
            self.file = os.open(FILE, os.O_RDWR)
            fcntl.ioctl(self.file, INIT, WORDS)
            self.map = memoryview(mmap.mmap(self.file, 8 * WORDS)).cast("Q")
        elif self.depth == 2 and self.map:
            self.map[0] = 0
            fcntl.ioctl(self.file, ENABLE, 0)
        return self

    def __exit__(self, *_):
        self.depth -= 1
        if not self.map:
            return
        if self.depth == 1:
            fcntl.ioctl(self.file, DISABLE, 0)
            self.reached.update(self.map[1:1 + min(self.map[0], WORDS - 1)].tolist())
        else:
            self.report()

    def report(self):
        """Write down what was reached of the module."""
        start = int(pathlib.Path("/sys/module/icmpguard/sections/.text").read_text(
            encoding="ascii"), 16)
        size = int(pathlib.Path("/sys/module/icmpguard/coresize").read_text(encoding="ascii"))
        with open(os.environ["RESULTS"] + "/coverage", "a", encoding="ascii") as file:
            for place in sorted(self.reached):
                if start <= place < start + size:
                    file.write(f"{place - start:x}\n")
