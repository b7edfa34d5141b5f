"""The programs that run inside the sandbox, around what a data user wrote in SQL or in R."""
