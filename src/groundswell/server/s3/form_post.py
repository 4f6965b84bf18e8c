"""Presigned POST: a form of a browser that stores one object, by a policy that whoever signed it wrote.

Source: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations
