"""The programs' door: API v1, the endpoints shaped as REMS's, and GA4GH visas.

    models → actions (tokens) → access → routes (v1) | rems → contract

Every route calls the same actions as the pages, as the account of its token, and no other way.
"""
