"""Stores and replicas: tried on folders, and on real servers where they can be had."""
