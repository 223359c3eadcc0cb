"""The cube: all figures of a scheme as dense arrays in tree order, and everything above them.

Free of Django and of the database. `shape` is a tree, `measures` what is rolled up for an
indicator, `strips` the arrays of a period, `file` how they are kept; `plain` rolls up single
lanes in a web process, `rolling` and `kernels` whole strips in the roll-up process (only
these two need the compiler).
"""
