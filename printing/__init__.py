"""Paper and drawer: documents as data, encoders, printers by address, and a printer to test on."""
