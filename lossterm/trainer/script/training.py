"""The network of a run, how it is compiled, and how it is trained: the lines of a script."""

from __future__ import annotations

from ...catalog import changed_parameters
from ...config import RunConfig
from ...runs.loss_files import FoundLoss
from ..plan import Plan
from .catalogue_data import parts_of
from .section import KERAS, NUMPY, TENSORFLOW, Section, call

_WEIGHTS = "from sklearn.utils.class_weight import compute_sample_weight"


_MEASURED = 1024


def targets(config: RunConfig) -> Section:
    """The section that codes the targets for the output layer: `t_train` and the like."""
    layer, units = config.output_layer, config.output_layer.units
    names = [(f"t_{part}", f"y_{part}") for part in parts_of(config)]
    if config.loss_entry.takes_class_numbers:
        section = Section("Targets: numbers of the classes, as the loss takes them")
        section.add(*(f"{coded} = {plain}" for coded, plain in names))
        return section
    one_hot = f"np.eye({units}, dtype=np.float32)[y]"
    words, code = {
        "real": ("real numbers", "y.astype(np.float32).reshape(-1, 1)"),
        "zero_one": ("0 or 1", "y.astype(np.float32).reshape(-1, 1)"),
        "plus_minus_one": ("-1 or +1", "(y.astype(np.float32) * 2 - 1).reshape(-1, 1)"),
        "one_hot": ("one-hot", one_hot),
        "one_vs_rest": ("+1 for the true class, -1 for the others", f"{one_hot} * 2 - 1"),
    }[layer.targets]
    section = Section(f"Targets: {words}", imports={NUMPY})
    coded, plain = (", ".join(column) for column in zip(*names, strict=True))
    section.add(f"{coded} = ({code} for y in ({plain}))")
    return section


def model(config: RunConfig) -> Section:
    """The section that makes the network, from the run's initial weights."""
    entry, plan = config.dataset_entry, _plan(config)
    section = Section("Model", imports={KERAS})
    if config.dropout:
        _add_dropout(section, config, plan)
    section.add(f"keras.utils.set_random_seed({config.seed})  # the initial weights")
    layers = [[f"keras.layers.Input(({entry.features},))"]]
    more = ['kernel_initializer="he_uniform"']
    if config.l2:
        more.append(f"kernel_regularizer=keras.regularizers.L2({config.l2!r})")
    for units in config.hidden_layers:
        layers.append(call("keras.layers.Dense(", [str(units), f'activation="{config.activation}"', *more]))
        if config.dropout:
            layers.append([f"Dropout({config.dropout!r})"])
    layers.append([f'keras.layers.Dense({config.output_layer.units}, activation="{config.output_layer.activation}")'])
    lines = [line for layer in layers for line in (*layer[:-1], f"{layer[-1]},")]
    section.add("model = keras.Sequential(", "    [", *(f"        {line}" for line in lines), "    ]", ")")
    return section


def _add_dropout(section: Section, config: RunConfig, plan: Plan) -> None:
    """Add dropout with lossterm's masks, which Keras's own layer cannot be given."""
    block = min(plan.block_steps, plan.steps)
    section.add(
        "class Dropout(keras.layers.Dropout):",
        '    """Dropout with the masks that lossterm draws; `kept` is that of the present step."""',
        "",
        "    def build(self, shape):",
        f"        self.kept = tf.Variable(tf.zeros([{config.batch_size}, shape[-1]], tf.bool), trainable=False)",
        "",
        "    def call(self, inputs, training=False):",
        "        if not training:",
        "            return inputs",
        "        return tf.where(self.kept[: tf.shape(inputs)[0]], inputs / (1 - self.rate), 0.0)",
        "",
        "",
        "class DrawMasks(keras.callbacks.Callback):",
        f'    """Draws the masks of {block} steps at once: they follow from the seed, the layer and the step."""',
        "",
        "    def on_epoch_begin(self, epoch, logs=None):",
        "        self.epoch = epoch",
        "",
        "    def on_train_batch_begin(self, batch, logs=None):",
        "        layers = [layer for layer in self.model.layers if isinstance(layer, Dropout)]",
        f"        if batch % {block} == 0:",
        f"            step = self.epoch * {plan.steps} + batch",
        "            self.masks = [",
        "                tf.random.stateless_uniform(",
        f"                    [{block}, *layer.kept.shape],",
        f"                    tf.constant([-1 - ({config.seed} * 256 + number), step], tf.int64),",
        '                    alg="philox",',
        "                )",
        "                >= layer.rate",
        "                for number, layer in enumerate(layers)",
        "            ]",
        "        for layer, masks in zip(layers, self.masks):",
        f"            layer.kept.assign(masks[batch % {block}])",
        "",
        "",
        imports=[TENSORFLOW],
    )


def compiling(config: RunConfig, own: FoundLoss | None, xla: bool) -> Section:
    """The section that compiles the model.

    Args:
        config: of the run.
        own: the run's own loss, if it is one.
        xla: whether to compile by XLA, as lossterm does where it can: that decides on the last digits.
    """
    section = Section("Loss, optimizer and metric", imports={KERAS})
    metric = f'"{_metric(config)}"'
    if config.output_layer.decision == "above_zero":
        metric = "accuracy"
        section.add(
            "def accuracy(y_true, y_pred):",
            '    """The share of rows on the right side of 0."""',
            '    return keras.ops.mean(keras.ops.cast((y_true > 0) == (y_pred > 0), "float32"), axis=-1)',
            "",
            "",
        )
    arguments = [f"optimizer={_optimizer(config)}", f"loss={_loss(config, own)}", f"metrics=[{metric}]"]
    section.add(*call("model.compile(", [*arguments, f"jit_compile={xla}"]))
    return section


def _metric(config: RunConfig) -> str:
    if config.loss_entry.takes_class_numbers:
        return "sparse_categorical_accuracy"
    names = {"value": "mean_squared_error", "above_half": "binary_accuracy", "argmax": "categorical_accuracy"}
    return names.get(config.output_layer.decision, "accuracy")


def _optimizer(config: RunConfig) -> str:
    entry = config.optimizer_entry
    values = {name: float(config.setting(name)) for name in entry.defaults}
    if not entry.defaults["weight_decay"] and not values["weight_decay"]:
        del values["weight_decay"]
    if not values.get("momentum", 1.0):
        del values["momentum"]  # 0 is Keras's default
    words = ", ".join(f"{name}={value!r}" for name, value in values.items())
    return f"keras.optimizers.{entry.keras_class}({words})"


def _loss(config: RunConfig, own: FoundLoss | None) -> str:
    if own is not None:
        return f"{own.name}()" if own.kind == "class" else own.name
    changed = changed_parameters(config.loss_entry, config.loss_parameters)
    words = ", ".join(f"{name}={value!r}" for name, value in changed.items())
    return f"keras.losses.{config.loss_entry.keras_class}({words})"


def fitting(config: RunConfig, epochs: int) -> Section:
    """The section that trains the model.

    Args:
        config: of the run.
        epochs: how many there are.
    """
    weighted = config.class_weight != "none"
    section = Section("Training: each epoch has lossterm's own order of rows", imports={TENSORFLOW})
    if weighted:
        section.add(f'weights = compute_sample_weight("{config.class_weight}", y_train)', "", "", imports=[_WEIGHTS])
    given = ["x_train[rows]", "t_train[rows]"] + ["weights[rows]"] * weighted
    section.add(
        "def batches():",
        '    """The batches of all epochs: their order follows from the seed and the number of the epoch."""',
        f"    for epoch in range({epochs}):",
        f"        seed = tf.constant([{config.seed}, epoch], tf.int64)",
        "        numbers = tf.range(len(x_train), dtype=tf.int64)",
        '        order = tf.random.experimental.stateless_shuffle(numbers, seed, alg="philox").numpy()',
        f"        for first in range(0, len(order), {config.batch_size}):",
        f"            rows = order[first : first + {config.batch_size}]",
        f"            yield {', '.join(given)}",
        "",
        "",
    )
    callbacks = ["DrawMasks()"] * bool(config.dropout)
    if config.early_stopping:
        stop = f"keras.callbacks.EarlyStopping(patience={config.early_stopping}, restore_best_weights=True)"
        callbacks.append(stop)
    part = "validation" if config.held_out_rows else "test"
    arguments = [
        "batches()",
        f"epochs={epochs}",
        f"steps_per_epoch={_plan(config).steps}",
        f"validation_data=(x_{part}, t_{part})",
        f"validation_batch_size={measured_at_once(config)}",
        *([f"callbacks=[{', '.join(callbacks)}]"] if callbacks else []),
        "shuffle=False",
        "verbose=0",
    ]
    section.add("history = model.fit(", *(f"    {argument}," for argument in arguments), ")")
    return section


def measured_at_once(config: RunConfig) -> int:
    """Rows of a batch while a set is measured: those of training where a loss is of the batch as a whole."""
    return config.batch_size if config.loss_entry.over_batch else max(config.batch_size, _MEASURED)


def _plan(config: RunConfig) -> Plan:
    """The blocks of an epoch; the masks of dropout are drawn for a block at once."""
    widths = (config.dataset_entry.features, *config.hidden_layers, config.output_layer.units)
    masked = sum(config.hidden_layers) if config.dropout else 0
    over_batch = config.loss_entry.over_batch
    return Plan.of(config.train_rows, config.validation_rows, config.batch_size, widths, over_batch, masked)
