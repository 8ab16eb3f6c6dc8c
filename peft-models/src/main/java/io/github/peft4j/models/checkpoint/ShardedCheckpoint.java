package io.github.peft4j.models.checkpoint;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint in several files with an index, {@code model.safetensors.index.json} or {@code pytorch_model.bin.index.json}.
 *
 * <p>Opening reads the index and checks that every shard is there; a shard is opened when its first tensor is asked for. Shards are
 * plain file names beside the index: an index that points anywhere else is refused.
 *
 * <p>Safe for concurrent use.
 */
public final class ShardedCheckpoint implements Checkpoint {

    private static final int LISTED = 20;

    private final Path index;
    private final Path folder;
    private final Map<String, String> shardOf;
    private final Map<String, Checkpoint> shards = new HashMap<>();
    private boolean closed;

    private ShardedCheckpoint(Path index, Path folder, Map<String, String> shardOf) {
        this.index = index;
        this.folder = folder;
        this.shardOf = Collections.unmodifiableMap(shardOf);
    }

    /**
     * Opens an index.
     *
     * @param index an {@code .index.json} file
     * @return the open checkpoint; the caller closes it
     * @throws CheckpointException if the index is damaged or shards are missing, all of which are listed
     */
    public static ShardedCheckpoint open(Path index) throws CheckpointException {
        Map<String, String> shardOf = ShardIndex.read(index);
        @Nullable Path parent = index.toAbsolutePath().getParent();
        Path folder = parent == null ? index.toAbsolutePath() : parent;
        List<String> missing = shardOf.values().stream()
                .distinct()
                .filter(shard -> !Files.exists(folder.resolve(shard)))
                .toList();
        if (!missing.isEmpty()) {
            throw new CheckpointException(index + " names " + missing.size() + " shards that are not beside it: "
                    + listed(missing) + "; copy or download them, too");
        }
        return new ShardedCheckpoint(index, folder, shardOf);
    }

    @Override
    public Set<String> names() {
        return shardOf.keySet();
    }

    @Override
    public TensorInfo info(String name) throws CheckpointException {
        return shard(name).info(name);
    }

    @Override
    public ByteBuffer bytes(String name) throws CheckpointException {
        return shard(name).bytes(name);
    }

    @Override
    public ByteBuffer rows(String name, long from, long to) throws CheckpointException {
        return shard(name).rows(name, from, to);
    }

    @Override
    public void copyRows(String name, long from, long to, ByteBuffer target) throws CheckpointException {
        shard(name).copyRows(name, from, to, target);
    }

    @Override
    public boolean inPlace(String name) throws CheckpointException {
        return shard(name).inPlace(name);
    }

    @Override
    public Path source(String name) throws CheckpointException {
        return folder.resolve(shardName(name));
    }

    @Override
    public synchronized void close() {
        closed = true;
        shards.values().forEach(Checkpoint::close);
        shards.clear();
    }

    private String shardName(String name) throws CheckpointException {
        @Nullable String shard = shardOf.get(name);
        if (shard == null) {
            throw new CheckpointException("there is no tensor " + Quoted.name(name) + " in " + index + ", which lists "
                    + shardOf.size() + " tensors");
        }
        return shard;
    }

    private synchronized Checkpoint shard(String name) throws CheckpointException {
        if (closed) {
            throw new IllegalStateException("the checkpoint " + index + " is closed");
        }
        String shard = shardName(name);
        @Nullable Checkpoint open = shards.get(shard);
        if (open == null) {
            open = CheckpointForm.openFile(folder.resolve(shard));
            try {
                requireComplete(shard, open);
            } catch (CheckpointException e) {
                open.close();
                throw e;
            }
            shards.put(shard, open);
        }
        return open;
    }

    private void requireComplete(String shard, Checkpoint open) throws CheckpointException {
        Set<String> found = open.names();
        List<String> missing = shardOf.entrySet().stream()
                .filter(entry -> entry.getValue().equals(shard) && !found.contains(entry.getKey()))
                .map(Map.Entry::getKey)
                .toList();
        if (!missing.isEmpty()) {
            throw new CheckpointException(folder.resolve(shard) + " lacks " + missing.size() + " tensors that " + index
                    + " says it holds: " + listed(missing));
        }
    }

    private static String listed(Collection<String> names) {
        String first = names.stream().limit(LISTED).map(Quoted::line).collect(Collectors.joining(", "));
        return names.size() <= LISTED ? first : first + " and " + (names.size() - LISTED) + " more";
    }
}
