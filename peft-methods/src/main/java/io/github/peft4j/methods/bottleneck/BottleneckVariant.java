package io.github.peft4j.methods.bottleneck;

import io.github.peft4j.models.Anatomy;
import java.util.List;

/** Where in a block adapters stand; the values of {@code variant}. */
public enum BottleneckVariant {
    /** Behind the attention's output projection and behind the feed-forward part. */
    HOULSBY {
        @Override
        List<String> layers(Anatomy.Block block) {
            return List.of(block.attentionOutput(), block.feedForwardOutput());
        }
    },
    /** Behind the feed-forward part alone. */
    PFEIFFER {
        @Override
        List<String> layers(Anatomy.Block block) {
            return List.of(block.feedForwardOutput());
        }
    };

    /** The layers of a block behind which adapters stand. */
    abstract List<String> layers(Anatomy.Block block);
}
