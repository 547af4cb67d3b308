"""An independent reader of Yizhan bundles, from Protocol/ alone; tools/reader.py runs it."""
