package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.nn.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes what makes a checkpoint a folder of sentence-transformers, in the words that every version of it reads. */
public final class SentenceFiles {

    private static final String CONFIG = "config.json";

    /** One of the two is there. */
    static final List<String> DENSE_WEIGHTS = List.of("model.safetensors", "pytorch_model.bin");

    private SentenceFiles() {}

    /**
     * Writes all files but the transformer's.
     *
     * @param width of hidden states
     */
    public static void write(SentencePlan plan, int width, Head.Beside beside) throws IOException {
        List<Map<String, Object>> modules = new ArrayList<>();
        modules.add(module(modules.size(), "", "Transformer"));
        modules.add(module(modules.size(), "1_Pooling", "Pooling"));
        beside.text("1_Pooling/" + CONFIG, json(pooling(plan, width)));
        for (Step step : plan.steps()) {
            if (step instanceof Step.Dense dense) {
                String path = modules.size() + "_Dense";
                for (Path file : files(dense.folder())) {
                    beside.copy(path + "/" + file.getFileName(), file);
                }
                modules.add(module(modules.size(), path, "Dense"));
            } else {
                String path = modules.size() + "_Normalize";
                beside.text(path + "/" + CONFIG, json(Map.of()));
                modules.add(module(modules.size(), path, "Normalize"));
            }
        }
        beside.text("sentence_bert_config.json", json(transformer(plan.text())));
        beside.text(TextSettings.MODEL_FILE, json(model(plan.text())));
        beside.text(ModuleList.FILE, json(modules));
    }

    /** The files of a linear layer: its config and its weights. */
    static List<Path> files(Path folder) throws CheckpointException {
        List<Path> files = new ArrayList<>(List.of(UntrustedFolder.file(folder, CONFIG)));
        for (String name : DENSE_WEIGHTS) {
            Path file = UntrustedFolder.file(folder, name);
            if (Files.isRegularFile(file)) {
                files.add(file);
                return files;
            }
        }
        throw new CheckpointException("no weights in " + folder + ": expected " + String.join(" or ", DENSE_WEIGHTS));
    }

    private static Map<String, Object> module(int number, String path, String className) {
        Map<String, Object> module = new LinkedHashMap<>();
        module.put("idx", number);
        module.put("name", String.valueOf(number));
        module.put("path", path);
        module.put("type", "sentence_transformers.models." + className);
        return module;
    }

    private static Map<String, Object> pooling(SentencePlan plan, int width) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("word_embedding_dimension", width);
        for (Pooling.Mode mode : Pooling.Mode.values()) {
            config.put(SentencePlan.oldKey(mode), plan.pooling().modes().contains(mode));
        }
        config.put("include_prompt", plan.countsPrompt());
        // The flags say nothing of an order.
        List<Pooling.Mode> modes = plan.pooling().modes();
        if (!modes.equals(modes.stream().sorted().distinct().toList())) {
            config.keySet().removeIf(key -> key.startsWith("pooling_mode"));
            config.put("pooling_mode", modes.stream().map(Pooling.Mode::text).toList());
        }
        return config;
    }

    private static Map<String, @Nullable Object> transformer(TextSettings text) {
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        config.put("max_seq_length", text.maxLength() == TextSettings.UNLIMITED ? null : text.maxLength());
        config.put("do_lower_case", text.lowerCase());
        return config;
    }

    private static Map<String, @Nullable Object> model(TextSettings text) {
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        config.put("prompts", text.prompts());
        config.put("default_prompt_name", text.defaultPrompt());
        config.put("similarity_fn_name", text.similarity());
        return config;
    }

    private static String json(Object value) {
        return JsonWriter.PYTHON.indented("  ").write(value) + "\n";
    }
}
