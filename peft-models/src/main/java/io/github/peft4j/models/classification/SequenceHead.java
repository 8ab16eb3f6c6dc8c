package io.github.peft4j.models.classification;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Classes or scores of whole rows, read from a decoder: one linear layer, De to C, without bias, {@code score} in Hugging Face's files, on
 * the hidden state of each row's last token. Follows {@code GenericForSequenceClassification} of transformers' {@code modeling_layers.py}.
 *
 * <p>The last token is the rightmost that is not {@code pad_token_id}, by its id: a row's own tokens of that id at its end are passed over, and a row of
 * nothing else is read at its first. Where virtual tokens stand before rows, ids do not reach the model there, and it is the row's last
 * one whatever its id. Rows have no padding here, so several of them need no {@code pad_token_id}, other than there.
 *
 * <p>A checkpoint of the same backbone with another head, or none, can be loaded: {@code score} is then drawn from a normal distribution
 * with the standard deviation {@code initializer_range}, 0.02 unless told, as there.
 */
public final class SequenceHead extends Head {

    /** The task's name. */
    public static final String TASK = "sequence-classification";

    private static final String NAME = "score";

    private static final double DEFAULT_RANGE = 0.02;

    /** A row without a token that is padding, as a token id. */
    private static final int NO_PADDING = -1;

    /** What a language model of the same backbone has instead. */
    private static final Pattern UNUSED = Pattern.compile("(lm_head|embed_out)\\.(weight|bias)");

    private final Labels labels;
    private final SequenceClassification.@Nullable ProblemType problemType;
    private final int paddingToken;
    private final boolean isNew;
    private final Map<String, Object> config;

    private SequenceHead(
            Linear layer,
            boolean isNew,
            Labels labels,
            SequenceClassification.@Nullable ProblemType problemType,
            int paddingToken,
            Map<String, Object> config) {
        super(NAME, layer);
        this.isNew = isNew;
        this.labels = labels;
        this.problemType = problemType;
        this.paddingToken = paddingToken;
        this.config = config;
    }

    /**
     * This head on an architecture; asked for, it reads checkpoints of the architecture with any head.
     *
     * @param className Hugging Face's class, for example {@code LlamaForSequenceClassification}
     */
    public static Head.Kind<SequenceHead> kind(String className) {
        String architecture = Head.Kind.architecture(className).toLowerCase(Locale.ROOT);
        return new Head.Kind<>(
                SequenceHead.class,
                className,
                name -> Head.Kind.architecture(name).toLowerCase(Locale.ROOT).startsWith(architecture),
                UNUSED,
                source -> build(source, className));
    }

    private static SequenceHead build(Head.Kind.Source source, String className) {
        ConfigJson json = source.json();
        Labels labels = Labels.of(json);
        String told = json.textOrNull("problem_type");
        SequenceClassification.ProblemType problemType =
                told == null ? null : SequenceClassification.ProblemType.of(told);
        if (problemType == SequenceClassification.ProblemType.SINGLE_LABEL_CLASSIFICATION && labels.count() == 1) {
            throw new IllegalArgumentException(json.source() + ": problem_type " + told
                    + " needs at least two labels, got 1: take two for a question of yes or no, or problem_type "
                    + SequenceClassification.ProblemType.REGRESSION.text());
        }
        Integer padding = json.numberOrNull("pad_token_id");
        Weights weights = source.root().at(NAME);
        boolean isNew = !weights.has("weight");
        Linear layer = isNew
                ? Linear.of(drawn(source, labels.count()), null)
                : Linear.loadHead(weights, source.config().embeddingSize(), labels.count());
        Map<String, Object> config = new LinkedHashMap<>();
        if (!json.texts("architectures").contains(className)) {
            config.put("architectures", List.of(className));
        }
        return new SequenceHead(layer, isNew, labels, problemType, padding == null ? NO_PADDING : padding, config);
    }

    private static Weight drawn(Head.Kind.Source source, int outputs) {
        Weights root = source.root();
        int width = source.config().embeddingSize();
        double range = source.json().decimalOr(DEFAULT_RANGE, "initializer_range");
        Random random = new Random(source.seed());
        float[] values = new float[outputs * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * (range == 0 ? DEFAULT_RANGE : range));
        }
        Weight weight = new Weight(
                "weight", root.scope().zeros(root.precision(), outputs, width), root.precision(), root.scope(), false);
        try (NDArray drawn = root.scope().floats(values, outputs, width)) {
            weight.assign(drawn);
        }
        return weight;
    }

    /** The outputs' names. */
    public Labels labels() {
        return labels;
    }

    /** What outputs are to be, or null if the config does not say: then what is to be learned does. */
    public SequenceClassification.@Nullable ProblemType problemType() {
        return problemType;
    }

    @Override
    public String task() {
        return TASK;
    }

    @Override
    public boolean readsEveryToken() {
        return false;
    }

    @Override
    public long[] positions(ModelInput input) {
        long[] ends = input.ends();
        if (input.virtualTokens() != null) {
            return ends;
        }
        int start = 0;
        for (int row = 0; row < ends.length; row++) {
            int length = input.rows().lengths()[row];
            ends[row] = start + (long) last(input.tokenIds(), start, length);
            start += length;
        }
        return ends;
    }

    /** Which of a row's tokens is read, if ids reach the model. */
    public int last(int[] ids, int start, int length) {
        int last = length - 1;
        while (last > 0 && ids[start + last] == paddingToken) {
            last--;
        }
        return last;
    }

    @Override
    public Objective objective() {
        return SequenceClassification.OBJECTIVE;
    }

    @Override
    public List<String> newLayers() {
        return isNew ? List.of(NAME) : List.of();
    }

    @Override
    public Map<String, Object> config(Map<String, Object> changes) {
        Map<String, Object> all = new LinkedHashMap<>(changes);
        // transformers never writes it: the number follows from the names.
        if (all.remove("num_labels") != null) {
            all.putAll(labels.config());
        }
        all.putAll(config);
        return all;
    }

    /** Hidden states [M, De] to outputs [M, C]. */
    @Override
    public Activation forward(Forward context, Activation hidden) {
        return output().forward(context, hidden);
    }

    /**
     * The names of a classifier's outputs; Hugging Face's {@code id2label}.
     *
     * @param names by number, at least one
     */
    public record Labels(List<String> names) {

        /** transformers' number of labels where a config has none. */
        private static final int DEFAULT = 2;

        /** The most there can be: above what anybody has, so that no file makes one allocate without bounds. */
        public static final int MOST = 1 << 20;

        /**
         * Keeps a list of its own.
         *
         * @throws IllegalArgumentException if there is none
         */
        public Labels {
            names = List.copyOf(names);
            if (names.isEmpty()) {
                throw new IllegalArgumentException("a classifier needs at least one label");
            }
        }

        /**
         * The names in a config: those of {@code id2label}; {@code LABEL_0} and so on for {@code num_labels}, or for two without either.
         *
         * @throws IllegalArgumentException if numbers are missing or not numbers, or names are no texts
         */
        public static Labels of(ConfigJson json) {
            ConfigJson found = json.object("id2label");
            ConfigJson byId = found == null ? ConfigJson.empty() : found;
            int count = json.integerOr(byId.isEmpty() ? DEFAULT : byId.keys().size(), "num_labels");
            if (count > MOST) {
                throw new IllegalArgumentException(
                        json.source() + ": num_labels must be at most " + MOST + ", got " + count);
            }
            // As in transformers: a number of labels that is told counts, and names of another number do not.
            boolean named = byId.keys().size() == count;
            List<String> names = new ArrayList<>();
            for (int id = 0; id < count; id++) {
                names.add(named ? name(byId, id) : "LABEL_" + id);
            }
            return new Labels(names);
        }

        private static String name(ConfigJson byId, int id) {
            String name = byId.textOrNull(String.valueOf(id));
            if (name == null) {
                throw new IllegalArgumentException(byId.source() + " has no name for " + id
                        + ": expected names for 0 to " + (byId.keys().size() - 1) + ", got those for " + byId.keys());
            }
            return name;
        }

        /** C, how many there are. */
        public int count() {
            return names.size();
        }

        /** The number of a name, or -1 if there is none of this name. */
        public int id(String name) {
            return names.indexOf(name);
        }

        /**
         * These as a config has them: {@code id2label} and {@code label2id}.
         *
         * @throws IllegalArgumentException if two are the same
         */
        public Map<String, Object> config() {
            if (new HashSet<>(names).size() < names.size()) {
                throw new IllegalArgumentException("names must differ, got " + String.join(",", names));
            }
            Map<String, Object> byId = new LinkedHashMap<>();
            Map<String, Object> byName = new LinkedHashMap<>();
            for (String name : names) {
                byName.put(name, byId.size());
                byId.put(String.valueOf(byId.size()), name);
            }
            return Map.of("id2label", byId, "label2id", byName);
        }
    }
}
