"""贯彻图: the picture of an element's throughline, a file for each part of the page."""
