"""The roll-up process: follows the journal and keeps the cube at its head.

`definitions` what is rolled up, `building` a generation from what stands, `changes` what has
happened since, `applying` it, `process` the loop. Only this package imports the compiled
kernels; web processes never import it.
"""
