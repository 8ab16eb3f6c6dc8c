package io.github.peft4j.fuzz;

import ai.djl.Device;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter;
import io.github.peft4j.models.embedding.internal.ModuleList;
import io.github.peft4j.models.embedding.internal.SentencePlan;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.nn.weights.internal.PackedTensors;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.Architecture;
import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Weights, their index, and the configs beside them. */
final class CheckpointFormats {

    private static final Mutator BYTES = new BytesMutator(2000);

    private static final String SAFETENSORS = "model.safetensors";

    private static final String INDEX = SAFETENSORS + ".index.json";

    private static final String TORCH = "pytorch_model.bin";

    private static final String CONFIG = "config.json";

    private static final String GENERATION = "generation_config.json";

    private static final List<String> INDEX_NAMES = List.of(
            "model.norm.weight",
            "model-00001-of-00002.safetensors",
            "../secret.safetensors",
            "model.safetensors.index.json");

    private static final List<String> CONFIG_NAMES = List.of(
            "head_dim",
            "rope_scaling",
            "rope_parameters",
            "rope_type",
            "factor",
            "llama3",
            "linear",
            "hidden_act",
            "dtype",
            "torch_dtype",
            "quantization_config",
            "layer_types",
            "pad_token_id",
            "num_key_value_heads",
            "attention_bias",
            "n_inner");

    private static final String GENERATION_CONFIG = "{\"bos_token_id\":1,\"eos_token_id\":[2,3],\"pad_token_id\":0,"
            + "\"do_sample\":true,\"temperature\":0.7,\"top_p\":0.9,\"top_k\":20,\"repetition_penalty\":1.1,"
            + "\"max_new_tokens\":4,\"transformers_version\":\"5.23.0\"}";

    private static final List<String> GENERATION_NAMES = List.of(
            "min_new_tokens", "num_beams", "stop_strings", "suppress_tokens", "max_length", "min_p", "bad_words_ids");

    private static final List<String> SENTENCE_NAMES = List.of(
            "../secret",
            "/",
            "0_Transformer",
            "pooling_mode_mean_tokens",
            "weightedmean",
            "use_residual",
            "module_output_name",
            "query_length",
            "kwargs",
            "sentence_transformers.base.modules.dense.Dense",
            "token_embeddings");

    private CheckpointFormats() {}

    static List<Format> all(Path scratch) throws IOException {
        Path[] models = new Path[ToyModel.values().length];
        for (ToyModel model : ToyModel.values()) {
            models[model.ordinal()] = model.write(scratch.resolve(model.name()));
        }
        Path llama = models[ToyModel.LLAMA.ordinal()];
        List<Sample> folders = Sample.of(models);
        Sample sharded = sharded(llama, scratch.resolve("sharded"));
        Set<Class<? extends Exception>> checkpoint = Set.of(CheckpointException.class);
        List<Format> all = new ArrayList<>(List.of(
                weights(
                        "safetensors",
                        Sample.of(SAFETENSORS, Files.readAllBytes(llama.resolve(SAFETENSORS))),
                        SAFETENSORS,
                        new SafetensorsMutator().or(BYTES, 0.3)),
                weights(
                        "shard-index",
                        sharded,
                        INDEX,
                        new JsonMutator(INDEX_NAMES, Format.contents(List.of(sharded), INDEX))),
                weights(
                        "torch-zip",
                        Sample.of(TORCH, Formats.resource("torch-zip.bin")),
                        TORCH,
                        new TorchMutator().or(BYTES, 0.3)),
                weights(
                        "torch-legacy",
                        Sample.of(TORCH, Formats.resource("torch-legacy.bin")),
                        TORCH,
                        new PickleMutator().or(BYTES, 0.3)),
                new Format(
                        "config",
                        folders,
                        Map.of(CONFIG, new JsonMutator(CONFIG_NAMES, Format.contents(folders, CONFIG))),
                        CheckpointFormats::load,
                        checkpoint),
                new Format(
                        "generation-config",
                        List.of(Sample.of(CONFIG, Files.readAllBytes(llama.resolve(CONFIG)))
                                .with(GENERATION, GENERATION_CONFIG)),
                        Map.of(
                                GENERATION,
                                new JsonMutator(
                                        GENERATION_NAMES, List.of(GENERATION_CONFIG.getBytes(StandardCharsets.UTF_8)))),
                        generating(llama),
                        Set.of(
                                CheckpointException.class,
                                UnsupportedOperationException.class,
                                IllegalArgumentException.class,
                                // Scores that the settings made infinite.
                                IllegalStateException.class))));
        all.addAll(sentences());
        return all;
    }

    /** A folder of sentence-transformers but for its weights. */
    private static List<Format> sentences() {
        Sample sample = Sample.of(
                        "modules.json",
                        module("", "Transformer", 0, "[") + module("1_Pooling", "Pooling", 1, ",")
                                + module("2_Dense", "Dense", 2, ",") + module("3_Normalize", "Normalize", 3, ",") + "]")
                .with(
                        "1_Pooling/config.json",
                        "{\"embedding_dimension\":16,\"pooling_mode\":[\"cls\",\"mean\"],"
                                + "\"include_prompt\":false}")
                .with(
                        "2_Dense/config.json",
                        "{\"in_features\":32,\"out_features\":4,\"bias\":true,"
                                + "\"activation_function\":\"torch.nn.modules.activation.Tanh\"}")
                .with("3_Normalize/config.json", "{\"module_input_name\":\"sentence_embedding\"}")
                .with("tokenizer_config.json", "{\"model_max_length\":512,\"truncation_side\":\"right\"}")
                .with(
                        "sentence_bert_config.json",
                        "{\"max_seq_length\":12,\"do_lower_case\":true,\"modality_config\":"
                                + "{\"text\":{\"method\":\"forward\",\"method_output_name\":\"last_hidden_state\"}}}")
                .with(
                        "config_sentence_transformers.json",
                        "{\"prompts\":{\"query\":\"q: \",\"passage\":\"\"},"
                                + "\"default_prompt_name\":\"query\",\"similarity_fn_name\":\"cosine\"}");
        return Map.of(
                        "sentence-modules", "modules.json",
                        "sentence-pooling", "1_Pooling/config.json",
                        "sentence-dense", "2_Dense/config.json",
                        "sentence-texts", "sentence_bert_config.json",
                        "sentence-prompts", "config_sentence_transformers.json")
                .entrySet()
                .stream()
                .map(format -> sentences(format.getKey(), sample, format.getValue()))
                .toList();
    }

    private static Format sentences(String name, Sample sample, String file) {
        return new Format(
                name,
                List.of(sample),
                Map.of(file, new JsonMutator(SENTENCE_NAMES, Format.contents(List.of(sample), file))),
                folder -> {
                    ModuleList.transformer(folder);
                    SentencePlan.of(folder, ConfigJson.empty(), 16, 24);
                },
                Set.of(CheckpointException.class));
    }

    private static String module(String path, String type, int number, String before) {
        return before + "{\"idx\":" + number + ",\"name\":\"" + number + "\",\"path\":\"" + path
                + "\",\"type\":\"sentence_transformers.models." + type + "\"}";
    }

    private static Format weights(String name, Sample sample, String file, Mutator mutator) {
        return new Format(
                name,
                List.of(sample),
                Map.of(file, mutator),
                CheckpointFormats::readAll,
                Set.of(CheckpointException.class));
    }

    private static Sample sharded(Path from, Path to) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(from)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : checkpoint.names()) {
                tensors.add(TensorSource.of(checkpoint, name));
            }
            ShardedWriter.write(to, Map.of("format", "pt"), tensors, 10_000);
        }
        return Sample.of(to);
    }

    private static void readAll(Path folder) throws CheckpointException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            for (String name : checkpoint.names()) {
                checkpoint.source(name);
                checkpoint.info(name);
                checkpoint.bytes(name);
                PackedTensors.parameterCount(checkpoint, name);
            }
        }
    }

    /** Counts the model as an estimate does, loads it, and runs it. */
    private static void load(Path folder) throws CheckpointException {
        ConfigJson json = Models.config(folder);
        try (Scope scope = Scope.open(Device.cpu())) {
            Architecture.of(json, Head.class)
                    .build(Weights.ofShapes(scope, Precision.FLOAT32), 0)
                    .parameterCount();
        }
        try (Model<?> model = Models.load(folder, LoadOptions.on(Device.cpu()), Head.class);
                Scope scope = Scope.open(Device.cpu())) {
            model.logits(scope, ModelInput.of(List.of(new int[] {0, 0, 0})));
        }
    }

    private static Format.Target generating(Path folder) {
        Lazy<Model<LanguageHead>> model = new Lazy<>(() -> Models.load(folder, Device.cpu(), null));
        return checkpoint -> {
            GenerationConfig config =
                    GenerationConfig.builder(checkpoint).maxNewTokens(2).build();
            new Generator(model.get(), config).generate(List.of(new int[] {3, 4}));
        };
    }
}
