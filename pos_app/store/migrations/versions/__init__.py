"""One module per step, ``vNNNN_what_it_does``, in order."""
