package io.github.peft4j.models.checkpoint.internal.sharded;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.CheckpointForm;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint in several files with an index, {@code model.safetensors.index.json} or {@code pytorch_model.bin.index.json}.
 *
 * <p>As in transformers the index says which files there are, and the files which tensors: what an index lists and no file holds, as
 * many of 2023 do with buffers, is not there, and what it forgets is. Shards are plain file names beside the index: an index that points
 * anywhere else is refused.
 *
 * <p>Safe for concurrent use.
 */
public final class ShardedCheckpoint implements Checkpoint {

    private static final Logger LOG = LoggerFactory.getLogger(ShardedCheckpoint.class);

    private final Path index;
    private final List<Checkpoint> shards;
    private final Map<String, Checkpoint> shardOf;

    private ShardedCheckpoint(Path index, List<Checkpoint> shards, Map<String, Checkpoint> shardOf) {
        this.index = index;
        this.shards = shards;
        this.shardOf = Collections.unmodifiableMap(shardOf);
    }

    /**
     * Opens an index and all its shards.
     *
     * @param index an {@code .index.json} file
     * @return the open checkpoint; the caller closes it
     * @throws CheckpointException if the index or a shard is damaged or shards are missing, all of which are listed
     */
    public static ShardedCheckpoint open(Path index) throws CheckpointException {
        Map<String, String> listed = ShardIndex.read(index);
        @Nullable Path parent = index.toAbsolutePath().getParent();
        Path folder = parent == null ? index.toAbsolutePath() : parent;
        List<String> missing = new ArrayList<>();
        for (String shard : new LinkedHashSet<>(listed.values())) {
            if (!Files.exists(UntrustedFolder.file(folder, shard))) {
                missing.add(shard);
            }
        }
        if (!missing.isEmpty()) {
            throw new CheckpointException(index + " names " + missing.size() + " shards that are not beside it: "
                    + listed(missing) + "; copy or download them, too");
        }
        List<Checkpoint> shards = new ArrayList<>();
        boolean complete = false;
        try {
            for (String shard : new TreeSet<>(listed.values())) {
                shards.add(CheckpointForm.openFile(folder.resolve(shard)));
            }
            ShardedCheckpoint checkpoint = new ShardedCheckpoint(index, shards, shardOf(index, listed, shards));
            complete = true;
            return checkpoint;
        } finally {
            if (!complete) {
                shards.forEach(Checkpoint::close);
            }
        }
    }

    /** Which shard each tensor is taken from, in the order of the index: of several the last, as transformers does. */
    private static Map<String, Checkpoint> shardOf(Path index, Map<String, String> listed, List<Checkpoint> shards) {
        Map<String, Checkpoint> held = new LinkedHashMap<>();
        Set<String> several = new LinkedHashSet<>();
        for (Checkpoint shard : shards) {
            for (String name : shard.names()) {
                if (held.put(name, shard) != null) {
                    several.add(name);
                }
            }
        }
        if (!several.isEmpty()) {
            LOG.warn(
                    "several files of {} hold the same tensors, of which those in the last file count: {}",
                    index,
                    listed(several));
        }
        Map<String, Checkpoint> inOrder = new LinkedHashMap<>();
        for (String name : listed.keySet()) {
            @Nullable Checkpoint shard = held.get(name);
            if (shard != null) {
                inOrder.put(name, shard);
            }
        }
        held.forEach(inOrder::putIfAbsent);
        return inOrder;
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
        return shard(name).source(name);
    }

    @Override
    public void close() {
        shards.forEach(Checkpoint::close);
    }

    private Checkpoint shard(String name) throws CheckpointException {
        @Nullable Checkpoint shard = shardOf.get(name);
        if (shard == null) {
            throw new CheckpointException("there is no tensor " + Printable.quoted(name) + " in the files of " + index
                    + ", which hold " + shardOf.size() + " tensors");
        }
        return shard;
    }

    private static String listed(Collection<String> names) {
        return Listed.names(names.stream().map(Printable::excerpt).toList());
    }
}
