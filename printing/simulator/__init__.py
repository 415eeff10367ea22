"""A receipt printer to test on: real bytes in, paper that can be read out, faults on demand."""
