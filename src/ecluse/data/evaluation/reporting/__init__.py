"""The report of an evaluation: made from cases once, read and verified from its counts for ever.

steps        cases to score tables that disclose nobody
computing    figures that follow from the tables, for whoever makes or verifies a report
attesting    figures that need the cases, with their intervals
building     cases and protocol to a report
drawing, pages, summaries   plots, the page, one page for everybody
crates       the bundle, signed
verifying    what a bundle proves, offline
"""
