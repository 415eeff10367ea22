"""The built-in books of a shop without SAP: the same queue, local numbers, double entry.

A kind of document is booked by a planner of its own in `book.PLANNERS`: it reads the document and
returns the entries it becomes, and changes nothing.
"""
