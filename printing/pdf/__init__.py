"""Documents as pages of a PDF file: fonts, blocks into bands, bands onto pages."""
