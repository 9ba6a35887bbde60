"""One attempt of a story: begun, heard of, judged, settled; what it is lost for."""
