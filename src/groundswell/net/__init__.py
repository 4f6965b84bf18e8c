"""Requests to addresses that other people chose: functions over HTTP, webhooks, and whatever else a stranger may name.

`networks` says which addresses may be reached, `transport` connects to nothing else, `client` sends one request with
a deadline and a limit of its answer. Addresses that the administrator set (a bucket's endpoint, the database) do not
come through here.
"""
