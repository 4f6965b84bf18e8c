"""The loop of automated labeling as a step of the runner: one file a phase of it.

`preparing` keeps objects from people, `learning` chooses what they label and trains meanwhile, `auditing` has a random
draw of what the model would label checked by them, `labeling` labels what is certified, `releasing` gives people what
is left. Each phase goes on from rows and files after a crash. Elsewhere: the mathematics (`autolabel`).
"""
