"""Where analyses meet data: sandbox, self-test, job runner, collector of outputs."""
