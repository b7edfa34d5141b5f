"""Fees: the tariff, estimates, invoices, payments, and what is passed on to data holders."""
