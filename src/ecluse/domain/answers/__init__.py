"""What is wrong with the answers to a form: any draft can be kept, and nothing here raises."""

from ecluse.domain.answers.judging import Problem, problems
from ecluse.domain.answers.kinds import read_amount, read_day

__all__ = ["Problem", "problems", "read_amount", "read_day"]
