"""An independent reader of Yizhan bundles, written from Protocol/ alone; tools/reader.py runs it."""
