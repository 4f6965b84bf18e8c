"""Where heavy work runs: here, in threads, in processes, or on a Ray cluster.

Here: single pieces of work as futures (`futures.py`), one function over many parts (`backends.py`), both also on Ray
(`ray_backend.py`); annotations too many for memory as shards on disk (`shard_store.py`), gold for them
(`shard_gold.py`), fits over shards (`sharded_fit.py`), confidences by gold (`shard_recalibration.py`). Elsewhere: what
is computed (`consolidation`, `autolabel`).
"""
