"""Where heavy work runs: here, in threads, in processes, or on a Ray cluster.

Here: backends (`backends.py`, `ray_backend.py`), annotations too many for memory as shards on disk (`shard_store.py`),
gold for them (`shard_gold.py`), fits over shards (`sharded_fit.py`). Elsewhere: what is computed (`consolidation`,
`autolabel`).
"""
