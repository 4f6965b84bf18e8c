"""AWS's protocols: requests signed with access keys, answered as AWS's services answer.

`sigv4.py` and `chunks.py` check signatures for every such door (`server/s3/` included), `doors.py` finds the service
that a request is for, `protocol.py` speaks JSON 1.1. A service is one folder or file here; its rules are in `service/`.
"""
