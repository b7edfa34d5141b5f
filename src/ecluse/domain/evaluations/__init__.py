"""Evaluations of AI systems: the protocol, fixed before data are opened, and what follows from it.

    figures → measures → parts, analysis → protocols → locks, deviations, guidelines → checklists

Figures are texts of a decimal number, such as `0.85`: they are compared as decimals, and every
machine prints them alike.
"""
