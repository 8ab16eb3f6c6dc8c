package io.github.peft4j.models.pretrained.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.List;

/**
 * The sizes that configs name, each with a bound far above any model's. Configs come from strangers, and sizes decide how much is built before a
 * weight has been looked at; within these bounds that is little, and no product of sizes overflows.
 */
public enum ModelSize {
    /** V, entries of the vocabulary. The largest models have 262,144. */
    VOCABULARY(1 << 24, "vocab_size"),
    /** D and De, widths of the hidden states and of token embeddings. The largest models have about 20,000. */
    WIDTH(1 << 18, "hidden_size", "n_embd", "n_embed", "d_model", "dim", "word_embed_proj_dim", "embedding_size"),
    /** F, inner width of the feed-forward part. */
    FEED_FORWARD(1 << 20, "intermediate_size", "n_inner", "ffn_dim", "d_ff", "hidden_dim"),
    /** L, number of blocks. The deepest models have about 1,000. */
    LAYERS(1 << 11, "num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    /** H and K, numbers of heads. The largest models have some 200. */
    HEADS(1 << 12, "num_attention_heads", "n_head", "n_heads", "num_key_value_heads"),
    /** Dh, size of a head. The largest have 512. */
    HEAD(1 << 12, "head_dim");

    private final int largest;
    private final List<String> keys;

    ModelSize(int largest, String... keys) {
        this.largest = largest;
        this.keys = List.of(keys);
    }

    /** The largest that is accepted. */
    public int largest() {
        return largest;
    }

    /**
     * Checks all sizes of a config, whatever its architecture.
     *
     * @throws CheckpointException if any is beyond its bound: all of them in one message
     */
    public static void requirePlausible(ConfigJson json) throws CheckpointException {
        List<String> problems = new ArrayList<>();
        for (ModelSize size : values()) {
            for (String key : size.keys) {
                if (json.exceeds(key, size.largest)) {
                    problems.add(key + " must be at most " + size.largest + ", got " + json.json(key));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException(json.source() + ": " + String.join("; ", problems));
        }
    }
}
