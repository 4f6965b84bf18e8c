"""Reading, checking and writing manifests."""
