"""The reconciler that moves every labeling job forward: one step a file, each idempotent.

`loop` leases jobs and gives each its steps; `desk` is what a runner remembers of a job (all of it can be made again
from the store). Steps: `ingest`, `release`, `expire`, `consolidate`, `write_output`, `finish`. A step reads, works,
writes files under names that a second attempt would choose again, and moves rows in one transaction last: so any number
of runners can run and any can be killed at any moment. Rules of what may move are in `domain.states` and
`service.window`.
"""
