"""Figures Groundswell promises, each with the command that measures it: `make bench` or `make bench BENCH=name`."""
