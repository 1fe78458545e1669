"""What is kept: records, concepts, measures, original files, and the rules they keep."""
