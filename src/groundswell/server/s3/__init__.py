"""The embedded S3: buckets of this server over S3's own protocol, for boto3, the AWS CLI, s3fs, obstore and the like.

`door.py` knows which requests are S3's and answers them; `routes.py` which operation a request is; the operations are
in the files named `*_calls.py`. Rules (who may, what a key may be, when parts fit together) are in `service/`, files in
`objects/`. Signatures are checked by `signing.py`.
"""
