# Runs, inside the sandbox, an action written in R; its argument: the script.
# An error is told with the line of the expression that it stopped at, in the form of a trace of
# Python, from which the summary takes its place. Its message stays in the log.

# No program is there to be found, and looking for one by a shell would stop R's own packages.
no_program <- function(names) structure(rep("", length(names)), names = names)
unlockBinding("Sys.which", baseenv())
assign("Sys.which", no_program, envir = baseenv())
for (package in c("methods", "datasets", "utils", "grDevices", "graphics", "stats")) {
  library(package, character.only = TRUE)
}

script <- commandArgs(trailingOnly = TRUE)[1]
tell <- function(line, kind, condition) {
  cat(sprintf('  File "%s", line %d, in R\n', script, line), file = stderr())
  cat(sprintf("%s: %s\n", kind, conditionMessage(condition)), file = stderr())
  quit(save = "no", status = 1L)
}
parsed <- tryCatch(
  parse(script, keep.source = TRUE),
  error = function(condition) {
    found <- regmatches(conditionMessage(condition), regexpr(":[0-9]+:[0-9]+:", conditionMessage(condition)))
    line <- if (length(found)) as.integer(strsplit(found, ":")[[1]][2]) else 1L
    tell(line, "R.SyntaxError", condition)
  }
)
places <- attr(parsed, "srcref")
for (number in seq_along(parsed)) {
  tryCatch(
    eval(parsed[[number]], envir = globalenv()),
    error = function(condition) tell(places[[number]][1], "R.Error", condition)
  )
}
