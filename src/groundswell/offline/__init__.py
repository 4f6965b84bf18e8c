"""What works on files without a server: annotations in, labels, estimates of workers and a page about them out.

Usable as a library; `groundswell consolidate` is a command in front of it. Here: reading files, telling what their
labels are, running a consolidation in memory or out of core, reports. Elsewhere: the algorithms
(`groundswell.consolidation`), agreement (`groundswell.quality`), options and printing (`groundswell.cli`).
"""
