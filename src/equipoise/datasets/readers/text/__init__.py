"""Tables in text: their encoding, separator, numerals, header and cells."""
