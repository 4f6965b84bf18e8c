"""Copies of a whole server in a folder, made while it runs, and servers made of them.

`archive` is the folder: what is in it and the sums that prove it; `making` and `restoring` fill and empty it;
`sqlite` and `postgres` are the two databases. Buckets that are not folders of this machine are not copied.
"""
