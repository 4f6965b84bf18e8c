"""Values, state machines and errors of labeling jobs. Pure: no clock, disk, network or database."""
