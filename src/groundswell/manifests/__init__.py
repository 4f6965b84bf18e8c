"""Reading, checking, making and writing manifests (JSON Lines). Pure: bytes and text in, values out.

`lines` checks, `members` adds a label to a line without touching its other bytes, `making` turns file listings, CSV and
text into manifests, `sampling` picks a random part, `attributes` holds the rules for label attribute names. Each
foreign format (COCO, VOC, YOLO, CoNLL, ...) is to be one file of its own here. Opening files is the business of
`objects`.
"""
