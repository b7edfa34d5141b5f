"""The automatic checks of the files that an analysis wants to take out."""

from ecluse.data.disclosure.checks import check_outputs
from ecluse.data.disclosure.declarations import DECLARATION_NAME, read_declarations

__all__ = ["DECLARATION_NAME", "check_outputs", "read_declarations"]
