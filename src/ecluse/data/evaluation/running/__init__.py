"""A model brought to the data: inspected, run behind the walls of a job, its answers judged.

    plans           what a run reads and what it may answer
    sniffing        what the bytes of a file are, whatever its name
    onnx_files,     a model inspected without being run: what it may hold, what it may not
    skops_files
    tables, answers inputs and predictions by schema; failures; rounding; bits a case
    models,         what computes: onnxruntime, scikit-learn, a program that answers on a socket
    backends, services
    inside          the program that runs in the sandbox, around the model
    energy, runs    outside it: the room laid out, the walls, the facts of the run
    ended           how a run ended; `predictions` reads those that come as a table

The labels are never in the sandbox, nor the names of the cases: a model sees features, in an order
drawn for the run. `onnx`, `onnxruntime` and `skops` are loaded inside the sandbox alone.
"""
