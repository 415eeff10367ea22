"""What every simulator shares: faults on demand, a clock to turn, a log, a control door."""
