package io.github.peft4j.methods.internal.tokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.LayerKernels;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts wrappers around layers in which the vectors of some tokens are trained. */
public final class TokenLayers {

    /** What Hugging Face calls the vectors. */
    public static final String NAME = "trainable_tokens_delta";

    private final BaseModules modules;
    private final Scope scope;
    private final AdaptedLayers layers;
    private final NewWeights first;
    private final boolean fromTable;

    /**
     * Wraps layers of a model.
     *
     * @param fromTable whether vectors begin as those that the table has; else they are drawn
     */
    public TokenLayers(Model<?> model, AdaptedLayers layers, NewWeights first, boolean fromTable) {
        this.modules = BaseModules.of(model);
        this.scope = model.scope();
        this.layers = layers;
        this.first = first;
        this.fromTable = fromTable;
    }

    /**
     * Makes sure that a layer has the tokens, and is of a kind whose rows can be exchanged: an embedding, or a linear layer without bias; and so
     * is an output layer that shares the embedding's table.
     *
     * @param setting that names the tokens, for the message
     * @throws IllegalArgumentException if it does not, or is not
     */
    public static void check(Model<?> model, String path, List<Integer> tokens, String setting) {
        Module layer = BaseModules.of(model).base(path);
        if (!isPlainLinear(layer) && !(layer instanceof Embedding)) {
            throw new IllegalArgumentException("TrainableTokensLayer wraps an unknown layer type, maybe you are"
                    + " targeting the wrong layer? Expected an embedding or a linear layer without bias, got "
                    + path + " (" + layer.getClass().getSimpleName() + ")");
        }
        checkTied(model, path, setting);
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException(setting + " names no tokens for " + path
                    + ": expected the numbers of those whose vectors are to be trained");
        }
        long rows = table(layer).shape().get(0);
        List<Integer> beyond = tokens.stream().filter(token -> token >= rows).toList();
        if (!beyond.isEmpty()) {
            throw new IllegalArgumentException(setting + " holds " + (beyond.size() == 1 ? beyond.get(0) : beyond)
                    + ", but " + path + " has " + rows
                    + " rows");
        }
    }

    private static boolean isPlainLinear(Module layer) {
        return layer instanceof Linear linear && linear.bias() == null && !linear.isConv1d();
    }

    private static void checkTied(Model<?> model, String path, String setting) {
        String head = model.anatomy().head();
        boolean shared =
                model.anatomy().headIsTied() && path.equals(model.anatomy().inputEmbedding());
        if (shared && head != null && !isPlainLinear(BaseModules.of(model).base(head))) {
            throw new IllegalArgumentException(setting + " trains tokens of " + path + ", whose table " + head
                    + " shares, a linear layer with a bias: Hugging Face PEFT leaves that bias out of its outputs. Train"
                    + " tokens with another head, or none");
        }
    }

    private static Weight table(Module layer) {
        return layer instanceof Embedding embedding ? embedding.weight() : ((Linear) layer).weight();
    }

    /**
     * Gives tokens vectors of their own in a layer, and in one that shares its table.
     *
     * @param key what the vectors are saved as, below the layer's path
     * @param tied path of the layer that shares the table, or null for none
     * @param tiedKey what they are saved as below that path besides, or null for nothing
     */
    public void wrap(String path, List<Integer> tokens, String key, @Nullable String tied, @Nullable String tiedKey) {
        Tokens vectors = tokens(path, tokens);
        wrap(path, new TokensLayer.Holding(vectors, true, key));
        if (tied != null) {
            wrap(tied, new TokensLayer.Holding(vectors, false, tiedKey));
        }
    }

    private void wrap(String path, TokensLayer.Holding holding) {
        boolean embedding = modules.base(path) instanceof Embedding;
        layers.wrap(path, base -> embedding ? new TokensEmbedding(base, holding) : new TokensLinear(base, holding));
    }

    private Tokens tokens(String path, List<Integer> tokens) {
        Weight table = table(modules.base(path));
        long rows = table.shape().get(0);
        long width = table.shape().get(1);
        Weight vectors = fromTable
                ? first.given(NAME, () -> own(table, tokens), tokens.size(), width)
                : first.normal(NAME, tokens.size(), width);
        return Tokens.of(scope, tokens, rows, vectors);
    }

    private NDArray own(Weight table, List<Integer> tokens) {
        Kernels k = scope.kernels();
        PackedValues packed = table.packed();
        try (NDArray index =
                        scope.longs(tokens.stream().mapToInt(token -> token).toArray());
                NDArray rows = packed == null
                        ? LayerKernels.of(k).entries(table.original(), 0, index)
                        : packed.rows(k, index, table.computePrecision())) {
            return k.cast(rows, Precision.FLOAT32);
        }
    }
}
