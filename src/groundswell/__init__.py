"""Groundswell turns raw images and text into labeled datasets one can trust: with people, statistics and machine learning."""

__version__ = "0.1.0"
