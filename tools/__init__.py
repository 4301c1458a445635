"""What authors run: check, format and execute notebooks, make the pages."""
