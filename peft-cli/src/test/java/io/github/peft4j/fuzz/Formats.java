package io.github.peft4j.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Every kind of file that comes from outside. */
final class Formats {

    private Formats() {}

    /** The formats by name, in the order in which they are tried. */
    static final List<String> NAMES = List.of(
            "safetensors",
            "shard-index",
            "torch-zip",
            "torch-legacy",
            "config",
            "generation-config",
            "sentence-modules",
            "sentence-pooling",
            "sentence-dense",
            "sentence-texts",
            "sentence-prompts",
            "tokenizer",
            "tokenizer-config",
            "special-tokens-map",
            "added-tokens",
            "chat-template",
            "rows-jsonl",
            "rows-json",
            "rows-labelled",
            "prompts",
            "adapter-config",
            "adapter-safetensors",
            "adapter-torch",
            "adapter-labels",
            "trainer-state",
            "optimizer",
            "search-journal",
            "inspect");

    /** Makes the formats; good files that are made for them lie in a folder. */
    static Map<String, Format> byName(Path scratch) throws IOException {
        List<Format> all = new ArrayList<>();
        all.addAll(CheckpointFormats.all(scratch.resolve("checkpoint")));
        all.addAll(TokenizerFormats.all());
        all.addAll(ChatTemplateFormats.all(scratch.resolve("chat")));
        all.addAll(RowFormats.all(scratch.resolve("rows")));
        all.addAll(AdapterFormats.all(scratch.resolve("adapter")));
        all.addAll(RunFormats.all(scratch.resolve("run")));
        Map<String, Format> byName = new LinkedHashMap<>();
        all.forEach(format -> byName.put(format.name(), format));
        return byName;
    }

    /** A good file that a script wrote. */
    static byte[] resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(Formats.class.getResourceAsStream("/fuzz/samples/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
