package io.github.peft4j.models.checkpoint.internal.sharded;

import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes a model's weights as transformers' {@code save_pretrained} lays them out: one {@code model.safetensors}, or, beyond a
 * limit, {@code model-00001-of-00003.safetensors} and so on with {@code model.safetensors.index.json}.
 *
 * <p>Weights that an earlier save left in the folder and the new ones do not replace are removed, since a reader would take them
 * instead or beside.
 */
public final class ShardedWriter {

    /** The largest shard transformers writes unless told otherwise, in bytes. */
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    private static final String SINGLE = "model.safetensors";

    private static final String INDEX = "model.safetensors.index.json";

    private static final Pattern SHARD = Pattern.compile("model-\\d{5}-of-\\d{5}\\.safetensors");

    private ShardedWriter() {}

    /**
     * Writes the weights; they all appear together.
     *
     * @param folder the model folder, created if need be
     * @param metadata text for each file's {@code __metadata__}; transformers writes {@code format=pt}
     * @param tensors the tensors, in the order in which they are to fill the shards
     * @param shardBytes the size a shard must not exceed; a larger tensor gets a shard of its own
     * @throws IOException if writing fails
     */
    public static void write(Path folder, Map<String, String> metadata, List<TensorSource> tensors, long shardBytes)
            throws IOException {
        try (AtomicWrite write = AtomicWrite.into(folder)) {
            stage(write, folder, metadata, tensors, shardBytes);
            write.commit();
        }
    }

    /**
     * Writes the weights as part of something larger, to appear when it is committed.
     *
     * @param write an atomic write into {@code folder}
     * @param folder the model folder
     * @param metadata text for each file's {@code __metadata__}
     * @param tensors the tensors, in the order in which they are to fill the shards
     * @param shardBytes the size a shard must not exceed; a larger tensor gets a shard of its own
     * @throws IOException if writing fails
     */
    public static void stage(
            AtomicWrite write, Path folder, Map<String, String> metadata, List<TensorSource> tensors, long shardBytes)
            throws IOException {
        if (shardBytes < 1) {
            throw new IllegalArgumentException("the shard size must be at least 1 byte, got " + shardBytes);
        }
        List<List<TensorSource>> shards = split(tensors, shardBytes);
        removeEarlier(write, folder);
        if (shards.size() <= 1) {
            write.file(SINGLE, channel -> SafetensorsWriter.write(channel, metadata, tensors));
            return;
        }
        Map<String, String> weightMap = new HashMap<>();
        long total = 0;
        for (int i = 0; i < shards.size(); i++) {
            List<TensorSource> shard = shards.get(i);
            String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            write.file(name, channel -> SafetensorsWriter.write(channel, metadata, shard));
            for (TensorSource tensor : shard) {
                if (weightMap.put(tensor.info().name(), name) != null) {
                    throw new IllegalArgumentException("two tensors have the name "
                            + Printable.quoted(tensor.info().name()));
                }
                total += tensor.info().byteSize();
            }
        }
        Map<String, Object> index = Map.of("metadata", Map.of("total_size", total), "weight_map", weightMap);
        write.text(INDEX, JsonWriter.FILE.write(index) + "\n");
    }

    /** Fills shards in order, as huggingface_hub's split_torch_state_dict_into_shards does. */
    private static List<List<TensorSource>> split(List<TensorSource> tensors, long shardBytes) {
        List<List<TensorSource>> shards = new ArrayList<>();
        List<TensorSource> current = new ArrayList<>();
        long size = 0;
        for (TensorSource tensor : tensors) {
            long bytes = tensor.info().byteSize();
            if (bytes > shardBytes) {
                shards.add(List.of(tensor));
                continue;
            }
            if (size + bytes > shardBytes) {
                shards.add(current);
                current = new ArrayList<>();
                size = 0;
            }
            current.add(tensor);
            size += bytes;
        }
        if (!current.isEmpty()) {
            shards.add(current);
        }
        return shards;
    }

    private static void removeEarlier(AtomicWrite write, Path folder) throws IOException {
        write.remove(SINGLE);
        write.remove(INDEX);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> SHARD.matcher(name).matches())
                    .forEach(write::remove);
        }
    }
}
