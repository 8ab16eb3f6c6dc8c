package io.github.peft4j.methods.trainabletokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.BaseModules;
import io.github.peft4j.core.ConfigValues;
import io.github.peft4j.core.ModuleSelection;
import io.github.peft4j.core.PeftMethod;
import io.github.peft4j.core.TargetModules;
import io.github.peft4j.methods.layers.AdaptedLayers;
import io.github.peft4j.methods.layers.AdapterParts;
import io.github.peft4j.methods.layers.LayerKernels;
import io.github.peft4j.methods.layers.LayerMerge;
import io.github.peft4j.methods.layers.NewWeights;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import java.util.List;
import java.util.function.Predicate;

/**
 * Trainable tokens: vectors of some tokens are trained, as Hugging Face PEFT's {@code TrainableTokensConfig} has it. An output layer that
 * shares the embedding's weight computes with the same vectors.
 */
public final class TrainableTokensMethod implements PeftMethod<TrainableTokensConfig> {

    /** For the registry of methods. */
    public TrainableTokensMethod() {}

    @Override
    public String peftType() {
        return TrainableTokensConfig.PEFT_TYPE;
    }

    @Override
    public String name() {
        return "trainable-tokens";
    }

    @Override
    public TrainableTokensConfig read(ConfigValues values) {
        return TrainableTokensConfig.read(values);
    }

    @Override
    public Adapter attach(Model model, TrainableTokensConfig config, AttachContext context) {
        if (config.tokenIndices().isEmpty()) {
            throw new IllegalArgumentException(
                    "token_indices is empty: expected the numbers of the tokens whose vectors are to be trained");
        }
        Anatomy anatomy = model.anatomy();
        TrainableTokensConfig complete = config.targetModules() != null
                ? config
                : config.toBuilder()
                        .targetModules(TargetModules.ofPattern(anatomy.inputEmbedding()))
                        .build();
        ModuleSelection.Selected selected = complete.targets().select(model, TrainableTokensConfig.PEFT_TYPE, context);
        List<Integer> tokens = config.tokenIndices();
        selected.paths().forEach(path -> check(model, path, tokens));
        boolean tied = anatomy.headIsTied() && selected.paths().contains(anatomy.inputEmbedding());
        List<String> own = selected.paths().stream()
                .filter(Predicate.not(path -> tied && path.equals(anatomy.head())))
                .toList();
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(AdaptedLayers.attach(model, wrapped -> {
                NewWeights first = NewWeights.of(model, context);
                for (String path : own) {
                    Tokens of = tokens(model, path, tokens, config.initWeights(), first);
                    wrap(model, wrapped, path, of, true);
                    String head = anatomy.head();
                    if (tied && head != null && path.equals(anatomy.inputEmbedding())) {
                        wrap(model, wrapped, head, of, false);
                    }
                }
            }));
            return parts.adapter(
                    config.toBuilder().targetModules(selected.targets()).build(),
                    new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }

    private static void wrap(Model model, AdaptedLayers layers, String path, Tokens tokens, boolean owner) {
        boolean embedding = BaseModules.of(model).base(path) instanceof Embedding;
        layers.wrap(
                path,
                base -> embedding ? new TokensEmbedding(base, tokens, owner) : new TokensLinear(base, tokens, owner));
    }

    private static void check(Model model, String path, List<Integer> tokens) {
        Module layer = BaseModules.of(model).base(path);
        boolean plain = layer instanceof Linear linear && linear.bias() == null && !linear.isConv1d();
        if (!plain && !(layer instanceof Embedding)) {
            throw new IllegalArgumentException("TrainableTokensLayer wraps an unknown layer type, maybe you are"
                    + " targeting the wrong layer? Expected an embedding or a linear layer without bias, got "
                    + path + " (" + layer.getClass().getSimpleName() + ")");
        }
        long rows = table(layer).shape().get(0);
        for (int token : tokens) {
            if (token >= rows) {
                throw new IllegalArgumentException("token_indices holds " + token + ", but " + path + " has " + rows
                        + " rows: give the base model the tokens first");
            }
        }
    }

    private static Weight table(Module layer) {
        return layer instanceof Embedding embedding ? embedding.weight() : ((Linear) layer).weight();
    }

    private static Tokens tokens(Model model, String path, List<Integer> tokens, boolean fromTable, NewWeights first) {
        Scope scope = model.scope();
        Weight table = table(BaseModules.of(model).base(path));
        NDArray index = scope.longs(tokens.stream().mapToInt(token -> token).toArray());
        long width = table.shape().get(1);
        Weight vectors = fromTable
                ? first.given(Tokens.NAME, () -> rows(table, index), tokens.size(), width)
                : first.normal(Tokens.NAME, tokens.size(), width);
        NDArray places = scope.longs(Tokens.places(tokens, table.shape().get(0)));
        return new Tokens(tokens, index, places, vectors);
    }

    /** The table's own rows, float32. */
    private static NDArray rows(Weight table, NDArray index) {
        Kernels k = table.scope().kernels();
        try (NDArray rows = LayerKernels.of(k).entries(table.original(), 0, index)) {
            return k.cast(rows, Precision.FLOAT32);
        }
    }
}
