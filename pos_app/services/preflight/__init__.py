"""Before it costs anything: before a payment, before a day, before a batch is posted."""
