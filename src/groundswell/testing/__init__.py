"""In-memory ports, factories and the simulated crowd."""
