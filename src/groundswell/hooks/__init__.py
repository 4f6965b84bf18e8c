"""Users' own pre- and post-annotation functions, called with Ground Truth's requests and read with its leniencies.

`targets` turns what a specification names into a `Hook`: `http_hook` posts to an endpoint, `process_hook` runs a Python
function in a process of its own (`child`). `pre_annotation` and `post_annotation` hold the shapes
of requests and responses.
Calling them at the right time is the runner's business; the server never runs users' code.
"""
