"""One file per kind of task: template, annotation schema, consolidation, manifest codec."""
