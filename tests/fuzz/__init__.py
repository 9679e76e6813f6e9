"""Broken and hostile input for everything that reads what others made.

    python -m tests.fuzz midi --inputs 100000   mutations of our own seeds, without any extra
    python -m tests.fuzz midi --seconds 60      guided by coverage; needs the extra `fuzz` (atheris)
    python -m tests.fuzz --list                 what can be tried

Whatever is put in, a reader returns something sound or raises the one error of its domain, in one
line, within a second and within bounds of memory. Everything else is a defect.
"""
