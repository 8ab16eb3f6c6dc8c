package io.github.peft4j.cli;

import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Models, adapters and rows that cannot be used.
 *
 * @param work the folder to write them to, with a good adapter in {@code adapter}
 */
record UnusableInput(Path work) {

    void models() throws IOException {
        Path truncated = ToyModel.LLAMA.write(work.resolve("truncated"));
        byte[] weights = Files.readAllBytes(truncated.resolve("model.safetensors"));
        Files.write(truncated.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length - 100));
        Path shapes = ToyModel.LLAMA.write(work.resolve("shapes"));
        String config = Files.readString(shapes.resolve("config.json"));
        Toy.text(shapes.resolve("config.json"), config.replace("\"intermediate_size\":24", "\"intermediate_size\":32"));
        Path noWeights = ToyModel.LLAMA.write(work.resolve("no-weights"));
        Files.delete(noWeights.resolve("model.safetensors"));
        Path pickle = ToyModel.LLAMA.write(work.resolve("pickle"));
        Files.delete(pickle.resolve("model.safetensors"));
        Files.write(
                pickle.resolve("pytorch_model.bin"),
                legacyPickle("\u0080\u0002cos\nsystem\nX\u0004\u0000\u0000\u0000true\u0085R."));
        Toy.text(ToyModel.LLAMA.write(work.resolve("no-json")).resolve("config.json"), "{\"model_type\":");
        Toy.text(ToyModel.LLAMA.write(work.resolve("unknown")).resolve("config.json"), "{\"model_type\":\"mamba\"}");
        ToyModel.GPT2.write(work.resolve("gpt2"));
    }

    /**
     * What torch.save wrote before it wrote zip files: pickles of a magic number, a version, the system's properties and the state, here
     * one that calls a foreign function.
     */
    private static byte[] legacyPickle(String state) {
        String magic = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";
        String version = "\u0080\u0002M\u00e9\u0003.";
        String system = "\u0080\u0002}X\r\u0000\u0000\u0000little_endian\u0088s.";
        return (magic + version + system + state).getBytes(StandardCharsets.ISO_8859_1);
    }

    void adapters() throws IOException {
        copy("adapter", "no-config").forEach(file -> delete(file, "adapter_config.json"));
        copy("adapter", "no-adapter-weights").forEach(file -> delete(file, "adapter_model.safetensors"));
        copy("adapter", "unknown-type");
        Toy.text(work.resolve("unknown-type/adapter_config.json"), "{\"peft_type\":\"POLY\"}");
        copy("adapter", "unsupported");
        Path config = work.resolve("unsupported/adapter_config.json");
        Toy.text(config, Files.readString(config).replaceFirst("\"use_qalora\": false", "\"use_qalora\": true"));
        copy("adapter", "classifier");
        Path classifier = work.resolve("classifier/adapter_config.json");
        Toy.text(classifier, Files.readString(classifier).replace("CAUSAL_LM", "SEQ_CLS"));
    }

    private List<Path> copy(String from, String to) throws IOException {
        Path target = Files.createDirectories(work.resolve(to));
        try (Stream<Path> files = Files.list(work.resolve(from))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return List.of(target);
    }

    private static void delete(Path folder, String name) {
        try {
            Files.delete(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void rows() {
        Toy.text(work.resolve("no-json.jsonl"), "{\"input_ids\":[3],\"labels\":[3]}\n{\"input_ids\":");
        Toy.text(work.resolve("no-labels.jsonl"), "{\"input_ids\":[3,4]}\n");
        Toy.text(work.resolve("unsupervised.jsonl"), "{\"input_ids\":[3,4],\"labels\":[-100,-100]}\n");
        Toy.text(work.resolve("first-only.jsonl"), "{\"input_ids\":[3,4],\"labels\":[3,-100]}\n");
        Toy.text(work.resolve("unequal.jsonl"), "{\"input_ids\":[3,4],\"labels\":[3]}\n");
        Toy.text(
                work.resolve("vocabulary.jsonl"),
                "{\"input_ids\":[3,4],\"labels\":[3,4]}\n{\"input_ids\":[48],\"labels\":[1]}\n");
        Toy.text(work.resolve("text.jsonl"), "{\"text\":\"the cat\"}\n");
        Toy.text(work.resolve("chat.jsonl"), "{\"messages\":[{\"role\":\"user\"}]}\n");
        Toy.text(work.resolve("empty.jsonl"), "");
        Toy.text(work.resolve("rows.xyz"), "a");
        StringBuilder ids = new StringBuilder("3");
        ids.append(",4".repeat(69));
        Toy.text(work.resolve("long.jsonl"), "{\"input_ids\":[" + ids + "],\"labels\":[" + ids + "]}\n");
        Toy.text(work.resolve("prompts.jsonl"), "{\"prompt\":\"a\"}\n{\"text\":\"a\"}\n");
        Toy.text(work.resolve("config-without-type.json"), "{\"r\":2}");
    }
}
