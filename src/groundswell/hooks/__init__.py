"""Users' own pre- and post-annotation functions, called with Ground Truth's requests and read with its leniencies.

`targets` turns what a specification names into a `Hook`: `http_hook` posts to an endpoint, `process_hook` asks
processes (`child_process`, which run `child`) that a `sandbox` keeps from the server's files, rights and environment.
`packing` makes code a zip file; `pre_annotation` and `post_annotation` hold the shapes of requests and responses.
Calling them at the right time is the runner's business; `threads` are a job's own, so that no job waits for another's.
"""
