"""The Python client.

```python
from groundswell import Client

job = Client("http://127.0.0.1:8080", token="gsk_...").jobs.create({"name": "owls", ...}).wait()
```
"""

from groundswell.sdk.async_client import AsyncClient
from groundswell.sdk.async_jobs import AsyncJob
from groundswell.sdk.client import Client
from groundswell.sdk.jobs import Job

__all__ = ["AsyncClient", "AsyncJob", "Client", "Job"]
