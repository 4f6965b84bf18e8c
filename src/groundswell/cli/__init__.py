"""The groundswell command."""
