package io.github.peft4j.models.classification;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Classes or scores of whole rows. Of a decoder they are read with one linear layer, De to C, without bias, {@code score} in Hugging Face's
 * files, from the hidden state of each row's last token; a {@link Layout} says how of an encoder. Follows {@code GenericForSequenceClassification} of transformers' {@code modeling_layers.py}.
 *
 * <p>The last token is the rightmost that is not {@code pad_token_id}, by its id: a row's own tokens of that id at its end are passed over, and a row of
 * nothing else is read at its first. Where virtual tokens stand before rows, ids do not reach the model there, and it is the row's last
 * one whatever its id. Rows have no padding here, so several of them need no {@code pad_token_id}, other than there.
 *
 * <p>A checkpoint of the same backbone with another head, or none, can be loaded: its layers are then drawn from a normal distribution
 * with the standard deviation {@code initializer_range}, 0.02 unless told, as there.
 */
public final class SequenceHead extends Head {

    /** The task's name. */
    public static final String TASK = "sequence-classification";

    /** A row without a token that is padding, as a token id. */
    private static final int NO_PADDING = -1;

    private final Layout layout;
    private final Labels labels;
    private final SequenceClassification.@Nullable ProblemType problemType;
    private final int paddingToken;

    private SequenceHead(
            Layout layout,
            @Nullable Transform transform,
            Linear layer,
            Labels labels,
            SequenceClassification.@Nullable ProblemType problemType,
            int paddingToken,
            Origin origin) {
        super(transform, layout.name(), layer, origin);
        this.layout = layout;
        this.labels = labels;
        this.problemType = problemType;
        this.paddingToken = paddingToken;
    }

    /**
     * This head on an architecture; asked for, it reads checkpoints of the architecture with any head.
     *
     * @param className Hugging Face's class, for example {@code LlamaForSequenceClassification}
     */
    public static Head.Kind<SequenceHead> kind(String className) {
        return kind(className, Layout.DECODER);
    }

    /** The same for an architecture whose head is another. */
    public static Head.Kind<SequenceHead> kind(String className, Layout layout) {
        return new Head.Kind<>(
                SequenceHead.class,
                className,
                Head.Kind.sameArchitecture(className),
                layout.unused(),
                source -> build(source, className, layout));
    }

    private static SequenceHead build(Head.Kind.Source source, String className, Layout layout) {
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
        Transform transform = layout.transform().apply(source);
        Linear layer = source.layers()
                .linear(
                        source.root().at(layout.name()),
                        layout.name(),
                        source.config().outputSize(),
                        labels.count(),
                        layout.bias());
        return new SequenceHead(
                layout,
                transform,
                layer,
                labels,
                problemType,
                padding == null ? NO_PADDING : padding,
                source.origin(className));
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
    public Pooling pooling() {
        return layout.pooling();
    }

    @Override
    protected Pooling.Spans spans(ModelInput input) {
        Pooling.Spans whole = super.spans(input);
        long[] last = new long[whole.last().length];
        int start = 0;
        for (int row = 0; row < last.length; row++) {
            int length = input.rows().lengths()[row];
            int[] own = Arrays.copyOfRange(input.tokenIds(), start, start + length);
            last[row] = whole.first()[row] + last(own, input.virtualTokenCount());
            start += length;
        }
        return new Pooling.Spans(whole.first(), last);
    }

    /**
     * The last position of a row that is pooled, virtual tokens before it included.
     *
     * @param virtualTokens how many there are
     */
    public int last(int[] ids, int virtualTokens) {
        int last = ids.length - 1;
        if (layout.pooling().equals(Pooling.LAST) && virtualTokens == 0) {
            while (last > 0 && ids[last] == paddingToken) {
                last--;
            }
        }
        return virtualTokens + last;
    }

    @Override
    public Objective objective() {
        return SequenceClassification.OBJECTIVE;
    }

    @Override
    public Map<String, Object> config(Map<String, Object> changes) {
        return super.config(labels.told(changes));
    }

    @Override
    public Map<String, Object> told() {
        Map<String, Object> told = new LinkedHashMap<>(labels.told());
        if (problemType != null) {
            told.put("problem_type", problemType.text());
        }
        return told;
    }

    /**
     * What is special about an architecture's head.
     *
     * @param name of the output layer
     * @param bias whether that has a bias
     * @param pooling how a row's hidden states become the one that is classified
     * @param transform what becomes of hidden states before the output layer, of their width, or null
     * @param unused full names of tensors that checkpoints may hold for other heads
     */
    public record Layout(
            String name,
            boolean bias,
            Pooling pooling,
            Function<Head.Kind.Source, @Nullable Transform> transform,
            Pattern unused) {

        /** That of decoders: what a language model of the same backbone has is not used. */
        public static final Layout DECODER = new Layout(
                "score", false, Pooling.LAST, source -> null, Pattern.compile("(lm_head|embed_out)\\.(weight|bias)"));
    }

    /**
     * The names of a classifier's outputs; Hugging Face's {@code id2label}.
     *
     * @param names by number, at least one
     */
    public record Labels(List<String> names) {

        /** transformers' number of labels where a config has none. */
        private static final int DEFAULT = 2;

        private static final String NUMBERED = "LABEL_";

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
                names.add(named ? name(byId, id) : NUMBERED + id);
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

        /** Changes of a config that tell these names where they told a number of them, which transformers never writes. */
        public Map<String, Object> told(Map<String, Object> changes) {
            Map<String, Object> all = new LinkedHashMap<>(changes);
            if (all.remove("num_labels") != null) {
                all.putAll(config());
            }
            return all;
        }

        /** {@link #config} for an adapter's folder; nothing where no name says more than its number, or two are the same. */
        public Map<String, Object> told() {
            return equals(numbered(count())) || new HashSet<>(names).size() < names.size() ? Map.of() : config();
        }

        /** Labels that have only numbers, {@code LABEL_0} and so on, as transformers calls them. */
        public static Labels numbered(int count) {
            return new Labels(
                    IntStream.range(0, count).mapToObj(id -> NUMBERED + id).toList());
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
