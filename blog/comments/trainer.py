"""Learns what spam sounds like, in a process of its own that ends with its answer. PURE.

The words' log ratios, as naive Bayes has them, weighed by a logistic regression: on short texts, and with
few of them, better than either alone. scikit-learn takes some 100 MB, which must not stay in a server or the
worker.
"""

import json
import os
import sys

import numpy as np
from scipy.sparse import diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from blog.comments.wording import Weights, features

MOST_WEIGHTS = 30_000
FEW = 2_000  # texts: beyond, what stands in one of them alone is dropped
STRENGTH = 0.6  # of the regression: more trusts the single word more


def train(texts: list[str], spam: list[bool]) -> Weights:
    """What texts teach, `spam` says of each what it is. There must be some of both."""
    counter = CountVectorizer(analyzer=features, binary=True, min_df=2 if len(texts) > FEW else 1)
    seen = counter.fit_transform(texts).astype(float)
    is_spam = np.array(spam)
    ratios = np.log(share(seen, is_spam) / share(seen, ~is_spam))
    model = LogisticRegression(C=STRENGTH, max_iter=1_000, class_weight="balanced")
    model.fit(seen @ diags(ratios), is_spam)
    weights = model.coef_[0] * ratios
    strongest = np.argsort(-np.abs(weights))[:MOST_WEIGHTS]
    names = counter.get_feature_names_out()
    return Weights(float(model.intercept_[0]), {str(names[i]): float(weights[i]) for i in strongest})


def share(seen: object, chosen: np.ndarray) -> np.ndarray:
    """Which part of what the chosen texts have is each feature."""
    counts = 1.0 + seen.T @ chosen.astype(float)  # type: ignore[attr-defined]
    return counts / counts.sum()


def main() -> None:
    os.nice(5)  # pages come first
    order = json.load(sys.stdin)
    sys.stdout.buffer.write(train(order["texts"], order["spam"]).packed())
