"""One file per kind of task: template, annotation schema, consolidation, manifest codec.

Adding one: a module here with a `TASK_TYPE`, and its template in `templates/builtin/`. Shared by them: `answers`
(reading what a form submitted), `metadata` (what every label's metadata says), `classes` and `shapes` (codecs), `live`
(consolidation).
`registry` finds them all, also those of other packages (entry point group `groundswell.task_types`).
"""
