"""Two whole evaluations of the demonstration: one that keeps its word, one that does not.

country    a risk of complication of diabetes, on persons of the synthetic country
notes      a text model on reports written from templates, overconfident and lost at one site
plans      the protocol of each
models     the risk model as an ONNX file, run in the sandbox
running    data, model, lock, report and verification of each, in a folder
"""
