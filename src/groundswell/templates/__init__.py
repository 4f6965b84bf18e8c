"""Liquid as Ground Truth has it, and the built-in worker templates."""
