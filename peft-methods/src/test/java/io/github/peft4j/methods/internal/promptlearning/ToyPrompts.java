package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the files of prompt methods hold for toy models. */
public final class ToyPrompts {

    private static final int LAYERS = 2;

    private ToyPrompts() {}

    /** A table of this many rows of embeddings. */
    public static Map<String, List<Long>> embeddings(ToyModel model, long tokens) {
        return Map.of("prompt_embeddings", List.of(tokens, (long) model.hiddenSize()));
    }

    /** Width of a layer's keys. */
    public static long keyWidth(ToyModel model) {
        return switch (model) {
            case BLOOM, GPT2, GPT_NEOX, OPT, BERT -> model.hiddenSize();
            default -> model.hiddenSize() / 2;
        };
    }

    /** A table of this many places' keys and values. */
    public static Map<String, List<Long>> keysAndValues(ToyModel model, long places) {
        return Map.of("prompt_embeddings", List.of(places, LAYERS * 2 * keyWidth(model)));
    }

    /** The end of the last norm's path, and of no other's. */
    public static String finalNorm(ToyModel model) {
        return model == ToyModel.BLOOM || model == ToyModel.GPT2 ? "ln_f" : "model.norm";
    }

    /** The same and a trained copy of the last norm. */
    public static Map<String, List<Long>> withFinalNorm(ToyModel model, Map<String, List<Long>> tensors) {
        Map<String, List<Long>> all = new TreeMap<>(tensors);
        List<Long> shape = List.of((long) model.hiddenSize());
        if (model == ToyModel.BLOOM || model == ToyModel.GPT2) {
            all.put("base_model.transformer.ln_f.weight", shape);
            all.put("base_model.transformer.ln_f.bias", shape);
        } else {
            all.put("base_model.model.norm.weight", shape);
        }
        return all;
    }
}
