"""Unit tests of the statistics of evaluation."""
