"""Use cases: one file per noun, over the ports of `ports.py`. No SQL, HTTP or files here."""
