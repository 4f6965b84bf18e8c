"""The loop that advances every labeling job."""
