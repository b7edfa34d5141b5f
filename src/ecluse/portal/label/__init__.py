"""The quality and utility label of datasets: declared, proved, granted, revoked (EHDS art. 78)."""
