"""What works on files without a server: annotations in, labels, estimates of workers and a page about them out.

    from groundswell.offline import consolidate_files
    found = consolidate_files("annotations.csv", "dawid-skene", output="labels.csv")
    found.labels[0].label, found.labels[0].confidence, found.workers[0].skill

Usable as a library; `groundswell consolidate` is a command in front of it. Here: reading files, telling what their
labels are, running a consolidation in memory or out of core, reports. Elsewhere: the algorithms
(`groundswell.consolidation`), agreement (`groundswell.quality`), options and printing (`groundswell.cli`).
"""

from groundswell.offline.consolidate import consolidate_files
from groundswell.offline.results import Consolidation, LabelRow, Summary, WorkerRow

__all__ = ["Consolidation", "LabelRow", "Summary", "WorkerRow", "consolidate_files"]
