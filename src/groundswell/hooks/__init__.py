"""Users' own pre- and post-annotation functions."""
