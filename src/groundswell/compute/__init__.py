"""Where heavy work runs: a process pool here, or a Ray cluster."""
