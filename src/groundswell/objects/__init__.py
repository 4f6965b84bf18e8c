"""Object storage by URI: local folders, S3 and its kin."""
