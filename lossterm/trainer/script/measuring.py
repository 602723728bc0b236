"""The scores that a script prints: loss and metric by Keras, the others by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...config import RunConfig
from .section import NUMPY, Section
from .training import measured_at_once

_METRICS = "from sklearn import metrics"


def measuring(config: RunConfig, known: Mapping[str, Mapping[str, Any]]) -> Section:
    """The section that measures the model and prints its scores.

    Args:
        config: of the run.
        known: what lossterm found, by set and name; a score that is None in any set is left out.
    """
    section = Section("Scores", imports={_METRICS, NUMPY})
    size = f"batch_size={measured_at_once(config)}, verbose=0"
    section.add(
        f"train_loss, train_metric = model.evaluate(x_train, t_train, {size})",
        f"test_loss, test_metric = model.evaluate(x_test, t_test, {size})",
        'print(f"Train: {train_loss:.3f}, Test: {test_loss:.3f}")',
        'print(f"loss: train {train_loss:.6g}, test {test_loss:.6g}")',
        f'print(f"{config.metric.name}: train {{train_metric:.6g}}, test {{test_metric:.6g}}")',
        "",
        "",
        "def scores(x, y):",
        '    """What scikit-learn says of the network on some rows."""',
        "    outputs = model.predict(x, verbose=0).astype(np.float64)",
    )
    unknown = {name for scores in known.values() for name, score in scores.items() if score is None}
    lines, rows = _of_classes(config) if config.task.has_classes else _of_numbers(config)
    rows = {name: words for name, words in rows.items() if name not in unknown}
    section.add(*(f"    {line}" for line in lines), "    return {")
    section.add(*(f'        "{name}": {words},' for name, words in rows.items()), "    }", "", "")
    for part in ("validation", "test") if config.held_out_rows else ("test",):
        section.add(
            f"for name, score in scores(x_{part}, y_{part}).items():",
            f'    print(f"{part} {{name}}: {{score:.6g}}")',
        )
    return section


def _of_numbers(config: RunConfig) -> tuple[list[str], dict[str, str]]:
    rows = {
        "mse": "metrics.mean_squared_error(y, outputs)",
        "rmse": "metrics.mean_squared_error(y, outputs) ** 0.5",
        "mae": "metrics.mean_absolute_error(y, outputs)",
        "r2": "metrics.r2_score(y, outputs)",
        "median_absolute_error": "metrics.median_absolute_error(y, outputs)",
    }
    if config.data_file is not None:
        own = {"mse": "scale**2", "rmse": "scale", "mae": "scale", "median_absolute_error": "scale"}
        rows |= {f"{name} in the target's unit": f"{rows[name]} * {factor}" for name, factor in own.items()}
    return ["outputs = outputs[:, 0]"], rows


def _of_classes(config: RunConfig) -> tuple[list[str], dict[str, str]]:
    layer, classes = config.output_layer, config.dataset_entry.classes
    lines = [
        {
            "above_half": "decided = (outputs[:, 0] > 0.5).astype(int)",
            "above_zero": "decided = (outputs[:, 0] > 0).astype(int)",
            "argmax": "decided = outputs.argmax(axis=1)",
        }[layer.decision]
    ]
    average = "binary" if classes == 2 else "macro"
    rows = {
        "accuracy": "metrics.accuracy_score(y, decided)",
        "balanced_accuracy": "metrics.balanced_accuracy_score(y, decided)",
        "f1": f'metrics.f1_score(y, decided, average="{average}", zero_division=0.0)',
    }
    if classes > 2:
        rows["roc_auc"] = f"metrics.roc_auc_score(np.eye({classes})[y], outputs)"
    elif layer.units == 1:
        rows["roc_auc"] = "metrics.roc_auc_score(y, outputs[:, 0])"
    else:
        rows["roc_auc"] = "metrics.roc_auc_score(y, outputs[:, 1] - outputs[:, 0])"
    if layer.activation == "softmax":
        lines.append("probabilities = outputs / outputs.sum(axis=1, keepdims=True)")
    elif layer.activation == "sigmoid" and layer.units == 1:
        lines.append("probabilities = np.hstack([1 - outputs, outputs])")
    else:
        return lines, rows
    rows["log_loss"] = f"metrics.log_loss(y, probabilities, labels=range({classes}))"
    rows["brier"] = (
        "np.mean((probabilities[:, 1] - y) ** 2)"
        if classes == 2
        else f"np.mean(np.sum((probabilities - np.eye({classes})[y]) ** 2, axis=1))"
    )
    return lines, rows
