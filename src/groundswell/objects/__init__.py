"""Object storage by URI: folders here (`folders`), S3, Google and Azure through obstore (`buckets`).

`storage.Storage` is the one adapter of `service.ports.ObjectStorage`: it sends each URI to the right one of them.
Serving objects to browsers is the business of `server/media.py`; its in-memory twin is `testing/memory_storage.py`.
"""
