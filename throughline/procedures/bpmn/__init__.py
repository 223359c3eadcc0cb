"""BPMN 2.0 files: read as far as we take them, and written as the engine gets them."""
